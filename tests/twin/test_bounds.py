"""Pods that a kubelet turns away or ends by what they say themselves."""

from __future__ import annotations

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from tests.twin.builders import Object, alone, node
from tests.twin.workload_worlds import get, world


def bound(name: str, cpu: str, made: int) -> Object:
    """Names its node itself."""
    item = alone(name, nodeName="a")
    item["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    item["metadata"]["creationTimestamp"] = f"2026-01-01T00:00:{made:02d}Z"
    return item


def test_a_pod_that_names_its_node_is_turned_away_where_there_is_no_room() -> None:
    twin = world([node("a", cpu="4")])
    for item in (bound("first", "3", 1), bound("second", "1500m", 2), bound("third", "1", 3)):
        twin.create(from_mapping(item))
    twin.settle()
    status = get(twin, Pod, "second").status
    assert (status.phase, status.reason) == ("Failed", "OutOfcpu")
    text = "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000"
    assert status.message == text
    # What was turned away takes no room.
    assert [get(twin, Pod, name).status.phase for name in ("first", "third")] == ["Running", "Running"]


def test_nobody_is_turned_away_from_a_node_whose_room_is_not_known() -> None:
    unknown = node("a")
    unknown["status"]["allocatable"] = {}
    twin = world([unknown])
    for item in (bound("first", "3", 1), bound("second", "3", 2)):
        twin.create(from_mapping(item))
    twin.settle()
    assert get(twin, Pod, "second").status.phase == "Running"


def test_what_the_scheduler_bound_is_let_in() -> None:
    items = [bound("web", "3", 1), bound("db", "3", 2)]
    for item in items:
        del item["spec"]["nodeName"]
    twin = world([node("a", cpu="4"), *items])
    twin.settle()
    found = sorted((get(twin, Pod, name).spec.node_name, get(twin, Pod, name).status.reason) for name in ("web", "db"))
    assert found == [("", ""), ("a", "")]


def test_a_pod_is_ended_at_its_deadline() -> None:
    twin = world([node("a", cpu="4"), alone(activeDeadlineSeconds=60)])
    twin.settle(within=50)
    assert get(twin, Pod).status.phase == "Running"
    twin.settle(within=20)
    status = get(twin, Pod).status
    assert (status.phase, status.reason) == ("Failed", "DeadlineExceeded")
    assert status.message == "Pod was active on the node longer than the specified deadline"
    assert status.container_statuses[0].state.terminated is not None


def test_a_run_does_not_wait_for_a_far_deadline() -> None:
    twin = world([node("a", cpu="4"), alone(activeDeadlineSeconds=86_400)])
    twin.settle()
    assert get(twin, Pod).status.phase == "Running"
