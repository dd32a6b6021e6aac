"""What goes and what stays when secrets are masked."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.adapters import redact
from seakeep.adapters.secret_text import _SUSPECT, MASK, _has_hint, arguments, file_of, text, value_of
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Alert, Check, Log, Sample, Snapshot, Unread

_LETTERS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#%*+-_.^", min_size=12, max_size=40)


@pytest.mark.parametrize(
    "form",
    [
        "password={}",
        "password: {}",
        "PASSWORD = {}",
        'password="{}"',
        "password='{} and more'",
        '{{"password":"{}","x":1}}',
        '{{"password": "{} \\" and more"}}',
        r"{{\"password\":\"{}\"}}",
        "DB_PASS={}",
        "export MYSQL_PWD={}",
        "apiKey: {}",
        "client_secret={}&scope=x",
        "sasl.jaas.config=... password='{}';",
        "postgres://u:{}@db:5432/x",
        "redis://:{}@redis",
        "mongodb+srv://u:{}/x@cluster.example/db",
        "amqp://u:{}@@rabbit:5672",
        "https://{}@sentry.example/1",
        "jdbc:oracle:thin:u/{}@//h:1521/x",
        "jdbc:sqlserver://h:1433;user=u;password={};encrypt=true",
        "Authorization: Basic {}",
        "Authorization: {}",
        "Cookie: sid={}; other={}",
        "https://x.example/?X-Amz-Signature={}",
        "--db-password {} --host db",
        "-Ddb.password={}",
        "<password>{}</password>",
        "<name>fs.s3a.secret.key</name><value>{}</value>",
        "- name: API_TOKEN\n  value: {}",
        '{{"name": "API_TOKEN", "value": "{}"}}',
        "password: |\n  {}\n  {}\nhost: db",
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{} cut off",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n{}\n-----END PGP PRIVATE KEY BLOCK-----",
        "user=a pwd={} host=b",
        "pass={}",
        '{{"pass": "{}"}}',
        "keytool -importkeystore -srcstorepass {} -destkeypass {}",
        "failed to open root:{}@tcp(db:3306)/airflow",
        "jdbc:oracle:oci:scott/{}@ora",
        "ALTER USER a WITH PASSWORD '{}'",
        "CREATE USER a IDENTIFIED BY '{}'",
        "requirepass {}",
        "machine git.example login a password {}",
        '<property name="password" value="{}"/>',
        '<add key="DbPassword" value="{}"/>',
        r"jdbc:mysql://db/x?user=a\u0026password\u003d{}",
        "next=/cb%3Fx&password%3D{}",
    ],
)
@given(secret=_LETTERS)
def test_secrets_go_wherever_they_stand(form: str, secret: str) -> None:
    secret = f"x9{secret}Z"
    masked = text(form.format(secret, secret))
    assert secret not in masked
    assert MASK in masked
    assert text(masked) == masked


@pytest.mark.parametrize("token", ["AIza{35}", "hvs.{40}", "glsa_{32}", "npm_{36}", "dckr_pat_{27}", "https://discord.com/api/webhooks/1/{60}"])  # fmt: skip
def test_tokens_that_are_known_by_their_form(token: str) -> None:
    form, _, length = token.removesuffix("}").partition("{")
    secret = "x9Z" * (int(length) // 3 + 1)
    shown = text(f"sent {form}{secret[: int(length)]} to it")
    assert "x9Zx9Z" not in shown
    assert shown.endswith(" to it")


def test_what_is_beside_the_objects() -> None:
    told = "password=x9Zx9Z"
    found = redact.snapshot(
        Snapshot(
            "x",
            None,
            unread=(Unread("Pod", "", told),),
            logs=(Log("a", "b", "c", False, told),),
            checks=(Check("dns", Ref("Pod", "a", "b"), "c", 0, "ok", told),),
            alerts=(Alert("A", {"x": told}, {"y": told}),),
            samples=(Sample("m", {"x": told}, 1.0),),
        )
    )
    assert "x9Z" not in repr(found)
    assert repr(found).count(MASK) == 6


def test_packed_objects_and_releases() -> None:
    """Rancher's annotation of what it applied, Helm's releases in ConfigMaps."""
    packed = base64.b64encode(gzip.compress(json.dumps({"kind": "Secret", "data": list(range(99))}).encode())).decode()
    assert text(packed) == MASK
    assert file_of("release", packed) == MASK


@pytest.mark.parametrize("broken", ["\n", "\\n", "\n2026-03-02T11:00:00Z "])
def test_a_key_whose_beginning_is_cut_off(broken: str) -> None:
    """Of a log only the last lines are read, of a termination message the last bytes."""
    lines = ["MIIEx9Z" + "x9Zx9Z" * 9, *["x9Zx9Z" * 10] * 3, "x9Zx9Q==", "-----END RSA PRIVATE KEY-----"]
    cut = f"{broken.join(lines)}\nlistening on 8080"
    for value in (cut, cut[50:], f"started\n{cut}"):
        shown = text(value)
        assert "x9Z" not in shown
        assert shown.endswith(f"{MASK}\nlistening on 8080")
    told = "GET / HTTP/1.1 200\nthe database is ready\n"
    assert text(f"{told}{cut}").startswith(told)


@pytest.mark.parametrize(
    "value",
    [
        "http://elasticsearch.data.svc:9200/_cluster/health?pretty",
        "http://host:80/path@version/x",
        "kafka-0.kafka:9092,kafka-1.kafka:9092",
        "jdbc:postgresql://db.data.svc:5432/airflow?sslmode=disable",
        "registry.example/team/app@sha256:0123456789abcdef",
        'secret "db-credentials" not found',
        'MountVolume.SetUp failed for volume "tls" : secret "tls-cert" not found',
        "couldn't find key password in Secret data/db-credentials",
        "references non-existent secret key: DB_PASSWORD",
        'failed to fetch token: serviceaccounts "etl" not found',
        'password authentication failed for user "airflow"',
        "secretName: db-credentials",
        "passwordFile: /run/secrets/password",
        "token_ttl=3600",
        "AUTH_ACCESS_TOKEN_TTL_SECS=900",
        "SESSION_COOKIE_LIFETIME=86400",
        "GF_AUTH_GENERIC_OAUTH_CLIENT_ID=grafana",
        "AUTH_METHOD=kubernetes",
        "postgres://catalog@postgres:5432/catalog",
        "password=${DB_PASSWORD}",
        "password=$(DB_PASSWORD)",
        "password=",
        "password: null",
        "Basic authentication is not enabled",
        "dial tcp 10.96.0.10:5432: connect: connection refused",
        "0/3 nodes are available: 3 node(s) had untolerated taint {key: value}",
        "x509: certificate has expired or is not yet valid",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "AKIA is a prefix",
        "--- PASS: TestBroker (0.00s)",
        "pwd=/opt/app",
        "--- FAIL: 2, pass: 12",
        'wrong password for user "a"',
        "token-glsa_short",
        "-----END CERTIFICATE-----",
        "https://hooks.svc:443/webhook/validate?timeout=10s",
    ],
)
def test_what_a_diagnosis_needs_stays(value: str) -> None:
    assert text(value) == value


@pytest.mark.parametrize(
    ("name", "value", "stays"),
    [
        ("DB_PASSWORD", "hunter2", False),
        ("SMTP_PASS", "hunter2", False),
        ("dbPass", "hunter2", False),
        ("AIRFLOW__CORE__FERNET_KEY", "hunter2", False),
        ("SECRET_KEY", "/x9Qk2/abc+=", False),
        ("RABBITMQ_ERLANG_COOKIE", "hunter2", False),
        ("API_TOKEN", "12345", False),
        ("PASSWORD_SALT", "hunter2", False),
        ("DBPASS", "hunter2", False),
        ("KEYSTORE_PASS", "hunter2", False),
        ("MYSQL_ROOT_PW", "hunter2", False),
        ("DB_CREDS", "hunter2", False),
        ("COMPASS", "north", True),
        ("DB_PASSWORD_FILE", "/run/secrets/db", True),
        ("ETCD_INITIAL_CLUSTER_TOKEN", "etcd-cluster-1", True),
        ("CLUSTER_TOKEN", "hunter2", False),
        ("MYSQL_NATIVE_PASSWORD", "ON", True),
        ("TLS_KEY", "/etc/tls/tls.key", True),
        ("PASSWORD_SECRET_NAME", "db-credentials", True),
        ("TOKEN_URL", "http://keycloak:8080/token", True),
        ("OAUTH_TOKEN", "http://keycloak:8080/token", True),
        ("REDIS_AUTH", "redis.data.svc:6379", True),
        ("AUTH_SERVICE_HOST", "auth", True),
        ("VALUE_CONVERTER_KEY_CONVERTER", "org.apache.kafka.connect.json.JsonConverter", True),
        ("ENABLE_TOKEN", "true", True),
        ("MONKEY", "banana", True),
        ("KEYCLOAK_HOST", "keycloak", True),
        ("BYPASS", "1", True),
        ("DB_HOST", "db", True),
        ("TOKEN", "", True),
        ("TOKEN", "$(OTHER)", True),
    ],
)
def test_values_by_their_names(name: str, value: str, stays: bool) -> None:
    assert value_of(name, value) == (value if stays else MASK)


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        (("--password", "x1y2", "--host", "db"), ("--password", MASK, "--host", "db")),
        (("--password=x1y2",), (f"--password={MASK}",)),
        (("--password-file", "/run/x"), ("--password-file", "/run/x")),
        (("etcd", "--initial-cluster-token", "blue"), ("etcd", "--initial-cluster-token", "blue")),
        (("mysql", "-h", "db", "-P", "3306", "-px1y2"), ("mysql", "-h", "db", "-P", "3306", f"-p{MASK}")),
        (("curl", "-u", "a:x1y2", "http://es:9200"), ("curl", "-u", MASK, "http://es:9200")),
        (("redis-cli", "-h", "redis", "-a", "x1y2", "ping"), ("redis-cli", "-h", "redis", "-a", MASK, "ping")),
        (("sh", "-c", "curl -s --user a:x1y2 http://es"), ("sh", "-c", f"curl -s --user {MASK} http://es")),
        (("curl", "-sku", "a:x1y2", "http://es:9200"), ("curl", "-sku", MASK, "http://es:9200")),
        (("curl", "--proxy-user", "a:x1y2", "http://es"), ("curl", "--proxy-user", MASK, "http://es")),
        (("sh", "-c", "docker login -u a -p x1y2 reg"), ("sh", "-c", f"docker login -u a -p {MASK} reg")),
        (("sh", "-c", "ldapsearch -x -w x1y2"), ("sh", "-c", f"ldapsearch -x -w {MASK}")),
        (("sh", "-c", "sqlplus -s scott/x1y2@db"), ("sh", "-c", f"sqlplus -s scott/{MASK}@db")),
        (("sh", "-c", "openssl rsa -passin pass:x1y2"), ("sh", "-c", f"openssl rsa -passin pass:{MASK}")),
        (("ssh", "login", "-p", "2222"), ("ssh", "login", "-p", "2222")),
        (("java", "-Dx.password=x1y2", "-jar", "a.jar"), ("java", f"-Dx.password={MASK}", "-jar", "a.jar")),
        (("nc", "-zv", "db", "5432"), ("nc", "-zv", "db", "5432")),
        (("--token", "$(TOKEN)"), ("--token", "$(TOKEN)")),
    ],
)
def test_arguments(words: tuple[str, ...], masked: tuple[str, ...]) -> None:
    assert arguments(words) == masked


def test_files() -> None:
    shown = file_of(
        "app.properties", "db.host=db:5432\ndb.password=correct horse battery\nx.token.ttl = 30 s\nlog=a b\n"
    )
    assert shown == f"db.host=db:5432\ndb.password={MASK}\nx.token.ttl = 30 s\nlog=a b\n"


@pytest.mark.parametrize(
    "piece",
    ["password", "password=", "a" * 50, "://", "x://a:", "--", "secret ", '"name":', "<name>", "-----BEGIN PRIVATE KEY-----", "eyJ", "\\", "password: |\n  x", "bearer ", "mysql -", "curl ", "key_", "-----END PRIVATE KEY-----\n", "AAAA\n", "a:b@tcp(", "login ", "login a password ", "hvs.", "identified by '"],
)  # fmt: skip
def test_long_hostile_text_is_masked_in_time(piece: str) -> None:
    """No pattern may take quadratic time: this would take hours."""
    from seakeep.adapters.secret_text import command

    command(piece * (100_000 // len(piece)))
    file_of("x", piece * (100_000 // len(piece)) + "\n")


@given(
    st.lists(
        st.sampled_from(
            [
                "passwd",
                "Passphrase",
                "passcode",
                "SECRET",
                "token",
                "credential",
                "api_key",
                "access-key",
                "signing.key",
                "cookie",
                "://",
                ".",
                "_pass",
                "_pwd",
                "-",
                "_",
                "bearer",
                "basic",
                "Authorization",
                'auth\\"',
                '"auth"',
                "AKIA",
                "ASIA",
                "ghp_",
                "ghs_",
                "github_pat",
                "glpat",
                "xoxb-",
                "eyJ",
                "hooks.slack",
                "$1",
                "$apr1",
                "$argon",
                "sig=",
                "signature=",
                "oracle:thin",
                "K",
                "ſ",
                "k",
                "PRIVATE",
                "=",
                ":",
                "x",
                "ab",
            ]
        ),
        max_size=6,
    )
)
def test_the_words_that_are_looked_for_first_stand_in_all_that_is_suspect(pieces: list[str]) -> None:
    value = "".join(pieces)
    if _SUSPECT.search(value.replace("://", "")):
        assert _has_hint(value)
