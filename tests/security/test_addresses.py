"""Alerts and metrics come from the address that the user named, and from nowhere else: no metadata service, no redirect, no second look at DNS."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from seakeep.adapters import evidence
from seakeep.adapters.errors import ObservationError, SeakeepError, SourceError
from tests.adapters.kube.faulty import DRIPS, dripping
from tests.adapters.program import seakeep

ALERT = {"labels": {"alertname": "KubePodCrashLooping", "namespace": "data", "pod": "x"}, "annotations": {"summary": "loops"}, "startsAt": "2026-03-02T11:00:00Z", "status": {"state": "active"}}  # fmt: skip
_VECTOR = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {"pod": "x"}, "value": [1772452800, "0.5"]}]},
}


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.body: bytes = json.dumps([ALERT]).encode()
        self.status = 200
        self.location = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    instance = Server()
    thread = threading.Thread(target=instance.serve_forever, args=(0.02,))
    thread.start()
    yield instance
    instance.shutdown()
    thread.join()
    instance.server_close()


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1:9090",
        "2852039166",
        "0xa9fea9fe",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "user:password@169.254.169.254",
    ],
)
@pytest.mark.parametrize("option", ["--alerts", "--metrics"])
def test_addresses_that_hand_out_credentials_are_never_asked(
    host: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", never)
    done = seakeep("check", "-", option, f"http://{host}/", stdin=b'{"kind": "PodList", "items": []}')
    assert done.code == 2
    assert "credentials" in done.err
    assert done.out == ""


def test_names_that_resolve_to_such_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(2, 1, 6, "", ("10.0.0.1", 80)), (2, 1, 6, "", ("169.254.169.254", 80))],
    )
    with pytest.raises(evidence.AddressRefusedError):
        evidence.read_alerts("http://innocent.example/")


def test_the_address_that_was_checked_is_the_one_that_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time gains nothing."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if asked.count(host) == 1 else "169.254.169.254", port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert evidence.read_alerts(f"http://alerts.example:{server.server_port}/")
    assert asked.count("alerts.example") == 1
    assert server.requests[0][1]["host"] == f"alerts.example:{server.server_port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: Server, status: int) -> None:
    server.status, server.location = status, f"{server.url}/elsewhere"
    with pytest.raises(ObservationError, match=str(status)):
        evidence.read_alerts(server.url)
    assert [path for path, _ in server.requests] == ["/api/v2/alerts"]


def test_alerts_and_metrics_are_read(server: Server) -> None:
    (alert,) = evidence.read_alerts(server.url)
    assert (alert.name, alert.state) == ("KubePodCrashLooping", "firing")
    server.body = json.dumps(_VECTOR).encode()
    samples = evidence.read_samples(server.url)
    assert {sample.name for sample in samples} == set(evidence.QUERIES)
    assert {sample.value for sample in samples} == {0.5}


def test_a_password_in_the_address_is_sent_and_never_shown(server: Server) -> None:
    url = server.url.replace("http://", "http://reader:canary%2D7c1@")
    evidence.read_alerts(url)
    sent = server.requests[0][1]["authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"reader:canary-7c1"
    server.status = 500
    for option in ("--alerts", "--metrics"):
        done = seakeep("check", "-", option, url, stdin=b'{"kind": "PodList", "items": []}')
        assert done.code == 3
        assert "canary" not in done.err


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_refusals_are_errors(server: Server, status: int) -> None:
    server.status = status
    with pytest.raises(ObservationError, match=str(status)):
        evidence.read_samples(server.url)


def test_answers_that_are_too_large_or_too_slow(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.body = b"x" * 5_000
    monkeypatch.setattr(evidence, "_MAX", 1_000)
    with pytest.raises(ObservationError, match="more than"):
        evidence.read_alerts(server.url)
    monkeypatch.setattr(evidence, "_DEADLINE", 0.3)
    for head in DRIPS:
        with dripping(head) as url, pytest.raises(ObservationError, match="slowly"):
            evidence.read_alerts(url)


@pytest.mark.parametrize(
    "url",
    ["http://", "http://[::1", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:99999/", "http://127.0.0.1:1/", f"http://{'x' * 300}.example/", "gopher://169.254.169.254/", "http://127.0.0.1:0/"],
)  # fmt: skip
def test_odd_addresses_are_errors_with_a_hint(url: str) -> None:
    for read in (evidence.read_alerts, evidence.read_samples):
        with pytest.raises(SeakeepError) as caught:
            read(url)
        assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["", "{", "7", "null", '"x"', "{}", '{"data": 7}', '{"kind": "PodList", "items": []}', '{"status": "error", "error": "x"}', '{"alerts": {}}', '{"data": {"result": 7}}', "\x00", "[" * 100_000],
)  # fmt: skip
def test_files_that_hold_something_else(text: str, tmp_path: Any) -> None:
    file = tmp_path / "answer.json"
    file.write_text(text)
    for read in (evidence.read_alerts, evidence.read_samples):
        with pytest.raises(SourceError) as caught:
            read(str(file))
        assert caught.value.hint


@pytest.mark.parametrize(
    "odd", [None, [], "x", 7, {"x": None}, {"labels": [], "annotations": 7, "status": [], "startsAt": {}}]
)
def test_odd_alerts_and_samples_are_passed_over_or_read_in_part(odd: object, tmp_path: Any) -> None:
    file = tmp_path / "answer.json"
    file.write_text(json.dumps([odd, ALERT]))
    assert "KubePodCrashLooping" in {alert.name for alert in evidence.read_alerts(str(file))}
    good = {"metric": {"__name__": "up"}, "value": [1772452800, "1"]}
    values = [[1e300, "1"], ["x", "1"], [0, "NaN"], [0, "+Inf"], [], None, {}]
    file.write_text(
        json.dumps({"data": {"result": [odd, good, *({"metric": odd, "value": value} for value in values)]}})
    )
    assert [(sample.name, sample.value) for sample in evidence.read_samples(str(file))] == [("up", 1.0)]
