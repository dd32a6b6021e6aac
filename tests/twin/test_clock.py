"""A source that does not say when it was taken: nothing in it is of the future."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from seakeep.model.objects import Pod
from seakeep.model.snapshot import Snapshot
from seakeep.twin.build import build
from seakeep.twin.clock import taken
from tests.twin.builders import START, Object, node, snapshot

_LATE = "2027-05-01T10:00:00Z"


def untimed(*objects: Object) -> Snapshot:
    return replace(snapshot(objects), taken_at=None)


def pod(created: str, ready: str) -> Object:
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": ready}
    metadata = {"name": "cart", "namespace": "shop", "creationTimestamp": created}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": "a", "containers": [{"name": "main", "image": "example/app:1"}]},
        "status": {"phase": "Running", "conditions": [condition]},
    }


def test_the_time_that_a_snapshot_says_counts() -> None:
    assert taken(snapshot([pod(_LATE, _LATE)])) == START


def test_else_the_newest_time_of_any_object_counts() -> None:
    found = untimed(node("a"), pod("2027-04-01T10:00:00Z", _LATE))
    assert taken(found) == datetime(2027, 5, 1, 10, tzinfo=UTC)
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "cart.1", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "cart"},
        "lastTimestamp": "2027-06-01T10:00:00Z",
    }
    later = untimed(node("a"), pod("2027-04-01T10:00:00Z", _LATE), event)
    assert taken(later) == datetime(2027, 6, 1, 10, tzinfo=UTC)


def test_no_pod_of_a_twin_is_younger_than_its_clock() -> None:
    twin = build(untimed(node("a"), pod("2027-04-01T10:00:00Z", _LATE)))
    (found,) = twin.state.all(Pod)
    assert found.metadata.creation_timestamp is not None
    assert found.metadata.creation_timestamp < twin.now


def test_without_any_time_the_clock_starts_all_the_same() -> None:
    assert taken(untimed(node("a"))) == datetime(2026, 1, 1, tzinfo=UTC)
