"""Canary secrets wherever a cluster may hold one; none of them may come out anywhere, and what a diagnosis needs must."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from seakeep.render.formats import FORMS
from tests.adapters.files import cluster
from tests.adapters.program import seakeep

CANARY = "cAnAry7f3Zq9"
ENCODED = base64.b64encode(CANARY.encode()).decode()
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}xx.{CANARY}"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\nMII{CANARY}\n{CANARY}\n-----END RSA PRIVATE KEY-----"
PACKED = base64.b64encode(gzip.compress(f"{CANARY} in an object of {'some' * 40} length".encode())).decode()
STAYS = ("db.data.svc:5432", "kafka-0.kafka:9092", "http://es.data.svc:9200", "/etc/tls/tls.key", "db-credentials")


def _env(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _container() -> dict[str, Any]:
    return {
        "name": "main",
        "image": "loader:1",
        "command": ["sh", "-c", f"curl -u admin:{CANARY} http://es.data.svc:9200; mysql -h db -p{CANARY} -e 'select 1'"],
        "args": ["--host=db.data.svc:5432", f"--password={CANARY}", "--api-token", CANARY, f"-Ddb.password={CANARY}", "redis-cli", f"postgres://u:{CANARY}@db.data.svc:5432/x"],
        "env": _env(
            DB_PASSWORD=CANARY,
            SMTP_PASS=CANARY,
            API_TOKEN=CANARY,
            AWS_SECRET_ACCESS_KEY=CANARY,
            FERNET_KEY=CANARY,
            GITHUB_PAT=CANARY,
            DATABASE_URL=f"postgresql+psycopg2://airflow:{CANARY}@db.data.svc:5432/airflow",
            CELERY_BROKER=f"redis://:{CANARY}@redis:6379/0",
            JDBC=f"jdbc:postgresql://db.data.svc:5432/x?user=a&password={CANARY}&ssl=true",
            ADO=f"Server=db,1433;User Id=sa;Password={CANARY};",
            ORACLE=f"jdbc:oracle:thin:scott/{CANARY}@//ora:1521/x",
            JAAS=f'org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="{CANARY}";',
            SETTINGS=json.dumps({"user": "a", "password": CANARY, "nested": {"clientSecret": CANARY}}),
            HEADER=f"Authorization: Bearer {JWT}",
            SENTRY_DSN=f"https://{CANARY}@sentry.example/1",
            SAS=f"https://x.blob.example/c?sv=1&sig={CANARY}",
            BOOTSTRAP_SERVERS="kafka-0.kafka:9092",
            TLS_KEY_FILE="/etc/tls/tls.key",
            PASSWORD_SECRET_NAME="db-credentials",
        ),
        "readinessProbe": {
            "exec": {"command": ["redis-cli", "-a", CANARY, "ping"]},
            "httpGet": {"path": f"/health?token={CANARY}", "port": 8080, "httpHeaders": [{"name": "Authorization", "value": f"Basic {ENCODED}"}]},
        },
        "resources": {"limits": {"memory": "512Mi"}},
    }  # fmt: skip


def _applied(item: dict[str, Any]) -> dict[str, str]:
    """The annotations of `kubectl apply` and of kapp: the object itself, secrets and all."""
    whole = json.dumps(
        {**item, "metadata": {"name": item["metadata"]["name"], "annotations": {"note": f"password={CANARY}"}}}
    )
    return {"kubectl.kubernetes.io/last-applied-configuration": whole, "kapp.k14s.io/original": whole}


def _objects() -> list[dict[str, Any]]:
    items = _bare()
    for item in items:
        item["metadata"]["annotations"] = {**item["metadata"].get("annotations", {}), **_applied(item)}
    return items


def _bare() -> list[dict[str, Any]]:
    items = cluster.objects()
    for item in items:
        item["metadata"]["annotations"] = {"note": f"password={CANARY}", "vault-token": CANARY}
        if item["kind"] == "Pod" and item["metadata"]["name"].startswith("loader"):
            item["spec"]["containers"] = [_container()]
            item["spec"]["initContainers"] = [{**_container(), "name": "first"}]
            waiting = item["status"]["containerStatuses"][0]["state"]["waiting"]
            waiting["message"] = f"back-off; token={CANARY}"
            item["status"]["conditions"][0]["message"] = f"password: {CANARY}"
        if item["kind"] in {"Deployment", "ReplicaSet"}:
            item["spec"]["template"]["spec"]["containers"] = [_container()]
        if item["kind"] == "Event":
            item["message"] += f" https://user:{CANARY}@registry.example/v2 password={CANARY}"
    meta = {"namespace": "data", "uid": "x"}
    data = {
        "password": CANARY,
        "app.properties": f"db.host=db.data.svc:5432\ndb.password={CANARY}\nspring.datasource.password: '{CANARY} with spaces {CANARY}'\n",
        "hive-site.xml": f"<property><name>javax.jdo.option.ConnectionPassword</name>\n<value>{CANARY}</value></property>",
        "values.yaml": f"auth:\n  password: |\n    {CANARY}\n  tokenSecretName: db-credentials\nenv:\n- name: DB_PASSWORD\n  value: {CANARY}\n",
        "key.pem": PEM,
        "config.json": json.dumps(
            {"auths": {"registry.example": {"auth": ENCODED}}, "private_key": PEM, "api_key": CANARY}
        ),
        "users.htpasswd": f"admin:$apr1${CANARY}",
        "kubeconfig": f"users:\n- user:\n    token: {CANARY}\n    client-key-data: {ENCODED}\n",
    }
    return [
        *items,
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", **meta}, "data": data, "binaryData": {"store.jks": ENCODED}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db-credentials", **meta, "annotations": {"copied-from": CANARY}}, "data": {"password": ENCODED}, "stringData": {"user": CANARY}},
        {
            "apiVersion": "kafka.strimzi.io/v1beta2",
            "kind": "KafkaUser",
            "metadata": {"name": "u", **meta},
            "spec": {
                "password": CANARY,
                "authentication": {"secretName": "db-credentials", "key": "tls.key"},
                "config": f"sasl.password={CANARY}",
                "template": {"pod": {"env": _env(DB_PASSWORD=CANARY), "args": ["--token", CANARY]}},
            },
            "status": {"conditions": [{"type": "NotReady", "message": f"secret=Bearer {JWT}"}]},
        },
        {
            "apiVersion": "work.open-cluster-management.io/v1",
            "kind": "ManifestWork",
            "metadata": {"name": "w", **meta, "annotations": {"objectset.rio.cattle.io/applied": PACKED}},
            "spec": {"workload": {"manifests": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db-credentials"}, "data": {"user": ENCODED}, "stringData": {"user": CANARY}}]}},
        },
    ]  # fmt: skip


LOG = f"connecting to db.data.svc:5432 with password={CANARY}\nAuthorization: Bearer {JWT}\nSet-Cookie: session={CANARY}; path=/\nError: invalid DSN postgres://u:{CANARY}@db.data.svc:5432/x\n{PEM}\n"


def _transcript() -> str:
    items = cluster.by_kind(_objects())
    logs = f"$ kubectl logs loader-5d4f8b7c6d-x2x7k -n data --previous\n{LOG}"
    secret = f"$ kubectl get secret db-credentials -n data -o jsonpath='{{.data.password}}'\n{ENCODED}\n"
    checks = f"$ kubectl exec loader-5d4f8b7c6d-x2x7k -n data -- curl -v http://u:{CANARY}@es.data.svc:9200\n> Authorization: Basic {ENCODED}\ncurl: (7) Failed to connect: Connection refused\n"
    described = f"""$ kubectl describe pod other -n data
Name:             other
Namespace:        data
Annotations:      kubectl.kubernetes.io/last-applied-configuration:
                    {{"stringData":{{"password":"{CANARY}"}}}}
Status:           Running
IP:               10.0.0.9
Node:             node-a/10.0.0.1
Containers:
  main:
    Image:      x:1
    Args:
      --password={CANARY}
      --token
      {CANARY}
    State:          Waiting
      Reason:       CrashLoopBackOff
    Ready:          False
    Restart Count:  3
    Environment:
      DB_PASSWORD:  {CANARY}
      DATABASE_URL:  postgres://u:{CANARY}@db.data.svc:5432/x
QoS Class:        BestEffort
"""
    dumps = "".join(
        f"$ kubectl get {kind.lower()} -A -o json\n{json.dumps(cluster.listed(kind, group))}\n"
        for kind, group in items.items()
    )
    return dumps + logs + secret + checks + described


def _sources(folder: Path) -> dict[str, str]:
    bundle = {name: text for name, text in cluster.info_dump().items() if name.endswith(".txt")}
    for kind, group in cluster.by_kind(_objects()).items():
        bundle[f"data/{kind}.json"] = json.dumps(cluster.listed(kind, group))
    marks = "container main of pod data/loader-5d4f8b7c6d-x2x7k ====\n"
    bundle["data/loader-5d4f8b7c6d-x2x7k/logs.txt"] = f"==== START logs for {marks}{LOG}==== END logs for {marks}"
    alerts = [
        {
            "labels": {"alertname": "X", "pod": "x", "token": f"token={CANARY}"},
            "annotations": {"description": f"password={CANARY}"},
        }
    ]
    (folder / "alerts.json").write_text(json.dumps(alerts))
    (folder / "dump.json").write_text(json.dumps(cluster.mixed(_objects())))
    (folder / "transcript.txt").write_text(_transcript())
    cluster.write(folder / "bundle", bundle)
    return {name: str(folder / name) for name in ("dump.json", "transcript.txt", "bundle")}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _sources(tmp_path_factory.mktemp("canaries"))


def _clean(text: str) -> None:
    for secret in (CANARY, ENCODED, ENCODED[:-2], PACKED[:60], "BEGIN RSA"):
        where = text.find(secret)
        assert where < 0, text[max(0, where - 200) : where + 60]


@pytest.mark.parametrize("source", ["dump.json", "transcript.txt", "bundle"])
@pytest.mark.parametrize("form", FORMS)
def test_no_report_holds_a_secret(source: str, form: str, sources: dict[str, str]) -> None:
    alerts = str(Path(sources["dump.json"]).with_name("alerts.json"))
    done = seakeep("check", sources[source], "-o", form, "--alerts", alerts, "-v")
    assert done.code in {3, 10, 11, 12, 13}, done.err
    assert "loader" in done.out
    _clean(done.out + done.err)


@pytest.mark.parametrize("form", ["text", "json", "yaml", "md"])
def test_no_diagnosis_holds_a_secret(form: str, sources: dict[str, str]) -> None:
    done = seakeep("diagnose", sources["transcript.txt"], "-o", form, "-v")
    assert "loader" in done.out
    _clean(done.out + done.err)


@pytest.mark.parametrize("form", ["text", "json", "yaml", "diff"])
def test_no_plan_holds_a_secret(form: str, sources: dict[str, str], tmp_path: Path) -> None:
    done = seakeep("plan", sources["dump.json"], "-o", form, "--max-risk", "high", "--write", str(tmp_path), "-v")
    assert "loader" in done.out
    for text in (done.out, done.err, *(path.read_text() for path in tmp_path.rglob("*") if path.is_file())):
        _clean(text)


@pytest.mark.parametrize("source", ["dump.json", "transcript.txt", "bundle"])
def test_no_snapshot_holds_a_secret_and_it_holds_what_a_diagnosis_needs(
    source: str, sources: dict[str, str], tmp_path: Path
) -> None:
    alerts = str(Path(sources["dump.json"]).with_name("alerts.json"))
    done = seakeep("snapshot", sources[source], "-o", str(tmp_path / "x.skz"), "--alerts", alerts)
    assert done.code in {0, 3}, done.err
    _clean(done.out + done.err)
    unpacked = zstandard.ZstdDecompressor().decompress((tmp_path / "x.skz").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        texts = {member.name: archive.extractfile(member).read().decode() for member in archive}  # type: ignore[union-attr]
    for text in texts.values():
        _clean(text)
    whole = "".join(texts.values())
    for needed in STAYS:
        assert needed in whole, needed
    if source != "dump.json":
        assert "Error: invalid DSN" in whole


def test_a_snapshot_that_was_not_redacted_is_redacted_when_read(tmp_path: Path) -> None:
    from seakeep.adapters.files import skz
    from seakeep.adapters.files.read import read_path
    from seakeep.adapters.open import open_source

    source = _sources(tmp_path)["dump.json"]
    skz.write(read_path(source), tmp_path / "raw.skz")
    assert CANARY in repr(read_path(str(tmp_path / "raw.skz")))
    _clean(repr(open_source(str(tmp_path / "raw.skz"))))


def test_errors_do_not_repeat_secrets(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(_objects())[:-30])
    odd = tmp_path / "odd.yaml"
    odd.write_text(f"kind: Pod\npassword: {CANARY}\n  - {CANARY}\n")
    for arguments in (
        ("check", str(broken)),
        ("check", str(odd)),
        ("check", f"https://user:{CANARY}@example.invalid/dump"),
        ("check", str(broken), "--alerts", f"http://user:{CANARY}@127.0.0.1:1/"),
        ("check", str(odd), "--metrics", f"http://user:{CANARY}@127.0.0.1:1/"),
    ):
        done = seakeep(*arguments)
        assert done.code == 2
        assert done.out == ""
        _clean(done.err)
