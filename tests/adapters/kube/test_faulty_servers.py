"""API servers that refuse, stumble, lie or hang. They are played by a small server on loopback, as a real one does none of this on demand."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from seakeep.adapters.errors import ObservationError, UsageError
from seakeep.adapters.kube import observe
from seakeep.adapters.kube.connect import connect
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.sender import Sender
from seakeep.model.commands import Failed, Why
from seakeep.model.snapshot import Snapshot
from tests.adapters.kube.faulty import DRIPS, Answer, Play, body, dripping, page, refusal, serving, write_kubeconfig

QUICK = Limits(page=2, read_seconds=0.3, connect_seconds=1, request_seconds=1, waiting_most=3, retry_after_most=1)


def see(tmp_path: Path, play: Play = lambda *_: None, limits: Limits = QUICK, **more: object) -> Snapshot:
    with serving(play) as server:
        found = observe(kubeconfig=write_kubeconfig(tmp_path / "config", server.url), limits=limits, **more)  # type: ignore[arg-type]
        assert server.methods == {"GET"}, "nothing is ever written"
        assert server.tokens == {"Bearer t0ken"}
        return found


def unread(found: Snapshot) -> dict[str, str]:
    return {item.kind: item.reason for item in found.unread}


def pods(found: Snapshot) -> int:
    return len(found.objects.get("Pod", {}))


def test_pages_make_a_whole(tmp_path: Path) -> None:
    found = see(tmp_path)
    assert (pods(found), found.unread, found.source) == (5, (), "cluster test")
    assert found.lists_all("Pod", "*")


def test_time_is_the_servers(tmp_path: Path) -> None:
    """Ages are told by the server's clock; this machine's may be wrong."""
    found = see(tmp_path)
    assert found.taken_at is not None
    assert abs(found.taken_at.timestamp() - time.time()) < 5
    assert found.taken_at.tzinfo is not None


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_one_stumble_is_tried_again(tmp_path: Path, status: int) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return refusal(status, **{"Retry-After": "0"}) if path == "/api/v1/pods" and before == 1 else None

    found = see(tmp_path, play)
    assert (pods(found), found.unread) == (5, ())


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "forbidden"),
        (429, "too many requests"),
        (500, "internal error of the server"),
        (503, "unavailable"),
        (418, "HTTP 418"),
    ],
)
def test_a_kind_that_is_refused_is_unread(tmp_path: Path, status: int, reason: str) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return refusal(status) if path.endswith("/nodes") else None

    found = see(tmp_path, play)
    assert unread(found) == {"Node": reason}
    assert pods(found) == 5
    assert not found.lists_all("Node", "*"), "unknown is not absent"


def test_retry_after_is_bounded(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return refusal(429, **{"Retry-After": "86400"}) if path.endswith("/nodes") else None

    began = time.monotonic()
    assert unread(see(tmp_path, play)) == {"Node": "too many requests"}
    assert time.monotonic() - began < 8


def test_a_list_that_expires_is_begun_anew(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return refusal(410) if path == "/api/v1/pods" and before == 1 else None

    found = see(tmp_path, play)
    assert (pods(found), found.unread) == (5, ())


def test_a_list_that_always_expires_is_read_in_one_piece(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return refusal(410) if path == "/api/v1/pods" and "continue" in query else None

    found = see(tmp_path, play)
    assert (pods(found), found.unread) == (5, ())


def test_a_token_that_leads_nowhere_ends(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return page([{"metadata": {"name": "only", "namespace": "data"}}], "again") if path == "/api/v1/pods" else None

    assert pods(see(tmp_path, play)) == 1


@pytest.mark.parametrize(
    "garbage", [b"<html>Log in</html>", b"", b'{"kind":"PodList","items":[{', b"[1]", b'{"kind":"Status"}', b"\xff\xfe"]
)
def test_garbage_instead_of_a_list(tmp_path: Path, garbage: bytes) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return Answer(body=garbage) if path == "/api/v1/pods" else None

    found = see(tmp_path, play)
    assert set(unread(found)) == {"Pod"}
    assert not found.lists_all("Pod", "*")
    assert found.lists_all("Node", "*")


def test_odd_objects_cost_themselves_only(tmp_path: Path) -> None:
    odd = [
        {"metadata": {"name": "good", "namespace": "data"}},
        {"metadata": None},
        7,
        {"metadata": {"name": "nulls"}, "spec": {"containers": None}},
    ]

    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return page(odd) if path == "/api/v1/pods" else None

    found = see(tmp_path, play)
    assert sorted(name for _, name in found.objects["Pod"]) == ["good", "nulls"]
    assert "Pod" in unread(found)
    assert not found.lists_all("Pod", "*")


def test_half_an_answer(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return Answer(body=b'{"kind":"NodeList","items":[]}' * 50, half=True) if path.endswith("/nodes") else None

    found = see(tmp_path, play)
    assert unread(found) == {"Node": "the connection broke off"}
    assert pods(found) == 5


def test_compressed_answers(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        packed = gzip.compress(page([{"metadata": {"name": "packed", "namespace": "data"}}]).body)
        return Answer(body=packed, headers={"Content-Encoding": "gzip"}) if path == "/api/v1/pods" else None

    assert pods(see(tmp_path, play)) == 1


def test_an_endless_answer_is_cut(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        bomb = gzip.compress(b" " * 50_000_000)
        return Answer(body=bomb, headers={"Content-Encoding": "gzip"}) if path.endswith("/nodes") else None

    found = see(tmp_path, play, Limits(page=2, answer_bytes=1_000_000))
    assert unread(found) == {"Node": "the answer is too large"}


@pytest.mark.parametrize("full", [True, False])
def test_an_endless_list_is_cut(tmp_path: Path, full: bool) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        items = [{"metadata": {"name": f"node-{before}"}}] if full else []
        return page(items, f"after-{before}", "NodeList") if path.endswith("/nodes") else None

    assert unread(see(tmp_path, play, Limits(page=2, pages=20))) == {"Node": "the list does not end"}


@pytest.mark.parametrize("head", DRIPS)
def test_a_server_that_trickles(tmp_path: Path, head: bytes) -> None:
    """It never is silent for long: urllib3's timeouts alone would wait for hours."""
    limits = Limits(read_seconds=30, connect_seconds=1, request_seconds=0.4, silent_tries=1)
    began = time.monotonic()
    with dripping(head) as url, pytest.raises(ObservationError):
        observe(kubeconfig=write_kubeconfig(tmp_path / "config", url), limits=limits)
    assert time.monotonic() - began < 10


def test_what_a_trickling_server_has_said_is_no_answer_to_a_write(tmp_path: Path) -> None:
    """Cut off, its head alone looks like a whole answer without a body."""
    with dripping(DRIPS[0]) as url:
        connection = connect(None, write_kubeconfig(tmp_path / "config", url))
        sender = Sender(connection, Limits(read_seconds=30, request_seconds=0.4))
        answer = sender.ask("PATCH", "/api/v1/namespaces/x", {}, {})
        sender.close()
    assert isinstance(answer, Failed)
    assert answer.why is Why.LOST


def test_a_kind_that_hangs(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return Answer(seconds=1.5) if path.endswith("/nodes") else None

    found = see(tmp_path, play)
    assert unread(found) == {"Node": "timed out"}
    assert pods(found) == 5


def test_a_server_that_hangs_from_the_start(tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match="timed out") as raised:
        see(tmp_path, lambda *_: Answer(seconds=1.5))
    assert raised.value.exit_code == 3
    assert raised.value.hint


def test_a_server_that_dies_on_the_way_is_not_asked_for_ever(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        alive = path in {"/version", "/api", "/apis", "/api/v1", "/api/v1/pods"}
        return None if alive else Answer(seconds=1.5)

    began = time.monotonic()
    found = see(tmp_path, play)
    assert set(unread(found)) == {"Node", "Secret", "Event"}
    assert time.monotonic() - began < 6


def test_credentials_that_expire(tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match="does not accept the credentials") as raised:
        see(tmp_path, lambda *_: refusal(401, "token t0ken expired"))
    assert "log in again" in raised.value.hint
    assert "t0ken" not in f"{raised.value}{raised.value.hint}"


@pytest.mark.parametrize(
    "answer", [Answer(body=b"<html>Log in</html>"), Answer(body=b"{}"), refusal(302, Location="http://127.0.0.1:1/")]
)
def test_something_else_than_an_api_server(tmp_path: Path, answer: Answer) -> None:
    with pytest.raises(ObservationError) as raised:
        see(tmp_path, lambda *_: answer)
    assert raised.value.hint


def test_redirects_are_not_followed(tmp_path: Path) -> None:
    """They would carry the credentials elsewhere."""
    with serving() as other:

        def play(path: str, query: dict[str, str], before: int) -> Answer | None:
            return refusal(307, Location=f"{other.url}{path}") if path.endswith("/nodes") else None

        assert unread(see(tmp_path, play)) == {"Node": "HTTP 307"}
        assert not other.asked


def test_secrets_with_values_are_not_looked_at(tmp_path: Path) -> None:
    """A server that does not know tables (a gateway, say) sends whole Secrets."""
    whole = {"kind": "SecretList", "items": [{"metadata": {"name": "s"}, "data": {"password": "Y2FuYXJ5"}}]}

    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return Answer(body=body(whole)) if path == "/api/v1/secrets" else None

    found = see(tmp_path, play)
    assert unread(found) == {"Secret": "the server does not give Secrets without their values"}
    assert "Y2FuYXJ5" not in repr(found)


def test_secrets_are_asked_for_as_a_table(tmp_path: Path) -> None:
    """No value leaves the API server."""
    with serving() as server:
        observe(kubeconfig=write_kubeconfig(tmp_path / "config", server.url), limits=QUICK)
    asked = {path: accept for path, accept in server.accepted.items() if "secrets" in path}
    assert asked == {"/api/v1/secrets": "application/json;as=Table;g=meta.k8s.io;v=v1"}


def test_last_applied_values_of_secrets_are_dropped(tmp_path: Path) -> None:
    metadata = {
        "name": "s",
        "namespace": "data",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"Y2FuYXJ5"}}'},
        "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:data": {".": {}, "f:password": {}}}}],
    }
    columns = [{"name": name} for name in ("Name", "Type", "Data", "Age")]
    rows = [
        {"cells": ["s", "Opaque", count, "1d"], "object": {"metadata": {**metadata, "name": f"s{count}"}}}
        for count in (1, 2)
    ]

    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        table = {"kind": "Table", "columnDefinitions": columns, "rows": rows}
        return Answer(body=body(table)) if path == "/api/v1/secrets" else None

    found = see(tmp_path, play)
    assert "Y2FuYXJ5" not in repr(found)
    known, unsure = found.objects["Secret"]["data", "s1"], found.objects["Secret"]["data", "s2"]
    assert known.keys == ("password",)  # type: ignore[attr-defined]
    assert unsure.keys == (), "the table counts a key that no manager names: which keys there are is unknown"  # type: ignore[attr-defined]
    assert found.depth(unsure.ref) < found.depth(known.ref)


def test_a_namespace_that_is_not_there(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        if path == "/api/v1":
            return Answer(body=body({"resources": [{"name": "namespaces", "kind": "Namespace", "verbs": ["list"]}]}))
        return refusal(404) if path == "/api/v1/namespaces/typo" else None

    with pytest.raises(UsageError, match="no namespace 'typo'"):
        see(tmp_path, play, namespaces=["typo"])
