"""Which cluster, as whom, and what is said where that fails."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from kubernetes.config import incluster_config

from seakeep.adapters.errors import ObservationError, UsageError
from seakeep.adapters.kube import observe
from seakeep.adapters.kube.connect import connect
from seakeep.adapters.kube.limits import Limits
from tests.adapters.kube.faulty import serving, write_kubeconfig

QUICK = Limits(read_seconds=1, connect_seconds=1, silent_tries=1)


@pytest.fixture(autouse=True)
def _no_kubeconfig(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_no_cluster(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no cluster") as raised:
        connect(None, None)
    assert raised.value.exit_code == 2
    with pytest.raises(UsageError, match="no kubeconfig with a context"):
        connect("prod", None)
    with pytest.raises(UsageError, match="there is no kubeconfig"):
        connect(None, tmp_path / "missing")


def test_of_several_files_the_first_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = write_kubeconfig(tmp_path / "one", "http://127.0.0.1:1", name="one")
    two = write_kubeconfig(tmp_path / "two", "http://127.0.0.1:2", name="two")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(tmp_path / "missing"), str(one), str(two)]))
    assert connect(None, None).configuration.host == "http://127.0.0.1:1", "as kubectl does"
    assert connect("two", None).configuration.host == "http://127.0.0.1:2"
    with pytest.raises(UsageError, match="no context 'three'") as raised:
        connect("three", None)
    assert "one, two" in raised.value.hint


def test_home_is_looked_in(tmp_path: Path) -> None:
    (tmp_path / "home" / ".kube").mkdir(parents=True)
    write_kubeconfig(tmp_path / "home" / ".kube" / "config", "http://127.0.0.1:3")
    assert connect(None, None).configuration.host == "http://127.0.0.1:3"


@pytest.mark.parametrize("text", ["", "[]", "{", "clusters: 7\ncurrent-context: x\n", "\x00"])
def test_broken_kubeconfig(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(UsageError):
        connect(None, file)


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9 if n else ['x'] * 9)}]\n" for n in range(12)) + "current-context: *b11\n", "aliases"),
        (f"users: {'[' * 400}\n", "nested too deeply"),
        (f"users:\n  {'- ' * 100_000}x\n", "not valid YAML"),
    ],
)  # fmt: skip
def test_a_kubeconfig_that_is_a_bomb(tmp_path: Path, rest: str, says: str) -> None:
    file = tmp_path / "config"
    file.write_text(f"apiVersion: v1\nkind: Config\n{rest}")
    with pytest.raises(UsageError) as raised:
        connect(None, file)
    assert says in raised.value.hint


def test_a_user_that_is_not_there_is_no_anonymous(tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1")
    document = yaml.safe_load(file.read_text())
    document["contexts"][0]["context"]["user"] = "gone"
    file.write_text(yaml.safe_dump(document))
    with pytest.raises(UsageError, match="no user 'gone'"):
        connect(None, file)


def _plugin(command: str, *args: str) -> dict[str, object]:
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": list(args)}}


@pytest.mark.parametrize(
    "user",
    [
        _plugin(sys.executable, "-c", "import sys; sys.exit('password=hunter2-canary: session expired')"),
        _plugin(sys.executable, "-c", "print('no json')"),
        _plugin("/nonexistent/credential-plugin"),
        {"auth-provider": {"name": "azure", "config": {}}},
    ],
)
def test_a_failing_plugin_is_an_error(tmp_path: Path, user: dict[str, object]) -> None:
    """The official client would log it and go on without credentials: then the server would be asked anonymously."""
    with serving() as server:
        with pytest.raises(ObservationError) as raised:
            observe(kubeconfig=write_kubeconfig(tmp_path / "config", server.url, user))
        assert not server.asked
    assert "og in again" in raised.value.hint
    assert "hunter2-canary" not in f"{raised.value}{raised.value.hint}"


def test_a_plugin_that_works(tmp_path: Path) -> None:
    answer = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin"}}'
    with serving() as server:
        user = _plugin(sys.executable, "-c", f"print('{answer}')")
        observe(kubeconfig=write_kubeconfig(tmp_path / "config", server.url, user))
        assert server.tokens == {"Bearer from-plugin"}


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match="connection refused") as raised:
        observe(kubeconfig=write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), limits=QUICK)
    assert raised.value.exit_code == 3


def _certificate(folder: Path, name: str, days: int) -> tuple[Path, ssl.SSLContext]:
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    try:
        subprocess.run(
            [*command, "-days", str(days), "-subj", "/CN=test", "-addext", f"subjectAltName={name}"],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


def test_tls(tmp_path: Path) -> None:
    here, context = _certificate(tmp_path, "IP:127.0.0.1", 2)
    other, elsewhere = _certificate(tmp_path, "DNS:elsewhere.example", 2)
    with serving(context=context) as server:
        file = write_kubeconfig(tmp_path / "good", server.url, **{"certificate-authority": str(here)})
        assert observe(kubeconfig=file).unread == ()
        file = write_kubeconfig(tmp_path / "other", server.url, **{"certificate-authority": str(other)})
        with pytest.raises(ObservationError, match=r"certificate is .*not trusted") as raised:
            observe(kubeconfig=file)
        assert "certificate-authority" in raised.value.hint
        file = write_kubeconfig(tmp_path / "insecure", server.url, **{"insecure-skip-tls-verify": True})
        assert observe(kubeconfig=file).unread == ()
    with serving(context=elsewhere) as server:
        file = write_kubeconfig(tmp_path / "name", server.url, **{"certificate-authority": str(other)})
        with pytest.raises(ObservationError, match="is for another"):
            observe(kubeconfig=file)
    with serving() as server:
        file = write_kubeconfig(tmp_path / "plain", server.url.replace("http:", "https:"))
        with pytest.raises(ObservationError, match="TLS with the API server failed") as raised:
            observe(kubeconfig=file)
        assert "plain HTTP" in raised.value.hint


def test_in_a_pod(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate, context = _certificate(tmp_path, "IP:127.0.0.1", 2)
    (tmp_path / "token").write_text("of-the-account")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(certificate))
    with serving(context=context) as server:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", server.url.rpartition(":")[2])
        assert observe().source == "cluster of this pod"
        assert server.tokens == {"bearer of-the-account"}
