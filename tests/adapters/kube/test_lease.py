"""The Lease: one run at a time, by the server's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from seakeep.adapters.kube.lease import SECONDS, Lease
from seakeep.adapters.kube.sender import Answer
from seakeep.model.commands import Failed, Ok, Why


class Server:
    """One namespace with at most one Lease; `resourceVersion` counts its writes."""

    def __init__(self, *namespaces: str) -> None:
        self.namespaces = namespaces
        self.stored: dict[str, Any] | None = None
        self.clock = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        self.moved = False

    def now(self) -> datetime:
        return self.clock

    def ask(self, method: str, path: str, _query: object = None, body: Any = None, *_: object) -> Answer | Failed:
        if not any(f"/namespaces/{name}/" in path for name in self.namespaces):
            return Failed(Why.GONE, "not found")
        if method == "POST":
            self.stored = {**body, "metadata": {"name": "seakeep", "resourceVersion": "1"}}
        if self.stored is None:
            return Failed(Why.GONE, "not found")
        if method == "PATCH":
            version = self.stored["metadata"]["resourceVersion"]
            if self.moved or body["metadata"]["resourceVersion"] != version:
                return Failed(Why.MOVED, "the object has been modified")
            self.stored["spec"] |= body["spec"]
            self.stored["metadata"]["resourceVersion"] = str(int(version) + 1)
        return Answer(200, self.stored)

    def lease(self, run: str, *namespaces: str) -> Lease:
        return Lease(self, run, namespaces or self.namespaces)  # type: ignore[arg-type]


def test_taken_renewed_and_let_go() -> None:
    server = Server("seakeep")
    one, two = server.lease("run-1"), server.lease("run-2")
    assert isinstance(one.acquire(), Ok)
    held = two.acquire()
    assert isinstance(held, Failed)
    assert (held.why, "run run-1 holds the lease, for 90 s" in held.message) == (Why.LEASE, True)
    server.clock += timedelta(seconds=SECONDS - 1)
    assert isinstance(one.renew(), Ok)
    server.clock += timedelta(seconds=SECONDS - 1)
    assert isinstance(two.acquire(), Failed), "it was renewed"
    assert isinstance(one.release(), Ok)
    assert isinstance(two.acquire(), Ok)


def test_a_dead_run_s_lease_runs_out_and_its_own_resumption_need_not_wait() -> None:
    server = Server("seakeep")
    server.lease("run-1").acquire()
    assert isinstance(server.lease("run-1").acquire(), Ok)
    server.clock += timedelta(seconds=SECONDS)
    other = server.lease("run-2")
    assert isinstance(other.acquire(), Ok)
    lost = server.lease("run-1")
    lost.acquire()
    late = lost.renew() if lost._path else None
    assert late is None or (isinstance(late, Failed) and "run run-2 has it now" in late.message)


def test_the_lost_lease_is_noticed_and_not_given_up_for_the_other() -> None:
    server = Server("seakeep")
    one, two = server.lease("run-1"), server.lease("run-2")
    one.acquire()
    server.clock += timedelta(seconds=SECONDS)
    two.acquire()
    lost = one.renew()
    assert isinstance(lost, Failed)
    assert (lost.why, lost.message) == (Why.LEASE, "run run-2 has it now")
    assert isinstance(one.release(), Ok)
    assert server.stored is not None
    assert server.stored["spec"]["holderIdentity"] == "run-2"


def test_whoever_is_slower_asks_again() -> None:
    server = Server("seakeep")
    server.lease("run-1").acquire()
    server.clock += timedelta(seconds=SECONDS)
    server.moved = True
    found = server.lease("run-2").acquire()
    assert isinstance(found, Failed)
    assert found.why is Why.BUSY


def test_the_first_namespace_that_is_there() -> None:
    server = Server("data")
    assert isinstance(server.lease("run-1", "seakeep", "data").acquire(), Ok)
    none = server.lease("run-1", "seakeep", "other").acquire()
    assert isinstance(none, Failed)
    assert "there is no namespace seakeep or other" in none.message
