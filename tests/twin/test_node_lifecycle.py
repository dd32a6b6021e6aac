"""Nodes that are lost, not ready, out of service or gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition
from seakeep.model.objects import Condition, Node, Pod
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.controllers.pod_gc import PodCollector
from seakeep.twin.controllers.taint_eviction import TaintEviction
from seakeep.twin.disruption.outage import lose_node, return_node, taint_node
from seakeep.twin.ending import asked_at
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, node, replica_set
from tests.twin.worlds import owned_by, pod, ready_pods, world

UNREACHABLE = "node.kubernetes.io/unreachable"
NOT_READY = "node.kubernetes.io/not-ready"


def platform(objects: list[Object]) -> Twin:
    return world(objects, NodeLifecycle(), TaintEviction(), PodCollector())


def find(twin: Twin, name: str) -> Node:
    found = twin.state.get(Node, "", name)
    assert found is not None
    return found


def word(twin: Twin, name: str) -> tuple[str, str, str]:
    (ready,) = (item for item in find(twin, name).status.conditions if item.type == "Ready")
    return ready.status, ready.reason, ready.message


def taints(twin: Twin, name: str) -> list[tuple[str, str]]:
    return sorted((taint.key.rpartition("/")[2], taint.effect) for taint in find(twin, name).spec.taints)


def on(twin: Twin, name: str) -> list[Pod]:
    return list(twin.state.pods_on(name))


def test_a_lost_node_is_noticed_after_the_grace_and_evicts_after_five_minutes() -> None:
    twin = platform([node("a"), node("b", cpu="8"), replica_set("cart", 4)])
    before = {item.name for item in on(twin, "a")}
    start = twin.now
    lose_node(twin, "a")
    twin.settle(within=49)
    assert word(twin, "a")[0] == "True"
    assert len(ready_pods(twin)) == 4
    twin.settle(within=2)
    assert word(twin, "a") == ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    assert {item.type for item in find(twin, "a").status.conditions if item.reason == "NodeStatusNeverUpdated"} == {
        "MemoryPressure",
        "DiskPressure",
        "PIDPressure",
    }
    assert taints(twin, "a") == [("unreachable", "NoExecute"), ("unreachable", "NoSchedule")]
    assert not {item.name for item in on(twin, "a")} & set(ready_pods(twin))
    twin.settle(within=298)
    assert all(item.metadata.deletion_timestamp is None for item in on(twin, "a"))
    twin.settle()
    assert {item.name for item in on(twin, "a")} == before  # no kubelet ends them
    for item in on(twin, "a"):
        assert asked_at(item.metadata) == start + timedelta(seconds=350.1)
        (target,) = (each for each in item.status.conditions if each.type == "DisruptionTarget")
        assert target.reason == "DeletionByTaintManager"
    # The ReplicaSet does not wait for them.
    assert len(ready_pods(twin)) == 4
    assert len(on(twin, "b")) == 4


def test_a_lost_kubelet_stops_at_once() -> None:
    twin = platform([node("a"), node("b", cpu="1"), replica_set("cart", 2)])
    lose_node(twin, "a")
    (lost,) = on(twin, "a")
    twin.delete(lost.ref)
    twin.settle(within=45)
    assert twin.state.find(lost.ref) is not None  # it goes on Terminating, on a node that still looks ready
    placed = [item for item in on(twin, "a") if item.name != lost.name]
    assert [item.status.phase for item in placed] == ["Pending"]  # and the scheduler still sends pods there


def test_a_node_that_comes_back() -> None:
    twin = platform([node("a"), node("b"), replica_set("cart", 4)])
    lose_node(twin, "a")
    twin.settle(within=100)
    assert len(ready_pods(twin)) == 2
    return_node(twin, "a")
    twin.settle(within=20)
    assert word(twin, "a") == ("True", "KubeletReady", "kubelet is posting ready status")
    assert taints(twin, "a") == []
    assert len(ready_pods(twin)) == 4
    assert not twin.busy  # nobody waits any more for the end of the time that pods tolerate it
    assert all(item.metadata.deletion_timestamp is None for item in twin.state.all(Pod))


def test_a_node_that_comes_back_too_late_ends_what_was_evicted() -> None:
    twin = platform([node("a"), node("b"), replica_set("cart", 4)])
    lose_node(twin, "a")
    twin.settle()
    ending = [item.name for item in on(twin, "a")]
    return_node(twin, "a")
    twin.settle()
    assert not {item.name for item in on(twin, "a")} & set(ending)
    assert len(ready_pods(twin)) == 4


def test_a_branch_does_not_lose_its_origins_node() -> None:
    twin = platform([node("a"), node("b"), replica_set("cart", 2)])
    other = twin.branch()
    lose_node(other, "a")
    other.settle()
    assert (word(twin, "a")[0], word(other, "a")[0]) == ("True", "Unknown")
    assert twin.state.silent == {}


@pytest.mark.parametrize(
    ("tolerations", "owner", "seconds"),
    [
        ([], None, 300),
        ([], owned_by("DaemonSet", "agent"), None),
        ([{"operator": "Exists"}], None, None),
        ([{"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}], None, 30),
        ([{"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": -1}], None, 0),
        ([{"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute"}], None, None),
        ([{"key": NOT_READY, "operator": "Exists", "tolerationSeconds": 5}], None, 300),
    ],
)
def test_how_long_a_pod_stays(tolerations: list[Any], owner: Object | None, seconds: int | None) -> None:
    twin = platform([node("a"), node("b"), pod("x-0", owner=owner, spec={"tolerations": tolerations})])
    lose_node(twin, "a")
    twin.settle()
    (item,) = on(twin, "a")
    ended = asked_at(item.metadata)
    assert ended == (None if seconds is None else START + timedelta(seconds=50.1 + seconds))


@pytest.mark.parametrize("second", [0, 90, None])
def test_a_timer_that_runs_is_not_changed_for_another_taint(second: int | None) -> None:
    tolerations: list[Any] = [
        {"key": "first", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60},
        {"key": "second", "operator": "Exists", "effect": "NoExecute"}
        | ({} if second is None else {"tolerationSeconds": second}),
    ]
    twin = platform([node("a"), node("b"), pod("x-0", spec={"tolerations": tolerations})])
    taint_node(twin, "a", "first")
    twin.settle(within=10)
    taint_node(twin, "a", "second")
    twin.settle(within=45)
    assert [asked_at(item.metadata) for item in on(twin, "a")] == [None]
    twin.settle(within=10)
    assert on(twin, "a") == []


def test_a_taint_that_is_not_tolerated_does_not_wait_for_a_timer() -> None:
    tolerations: list[Any] = [{"key": "first", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}]
    twin = platform([node("a"), node("b"), pod("x-0", spec={"tolerations": tolerations})])
    taint_node(twin, "a", "first")
    twin.settle(within=10)
    taint_node(twin, "a", "second")
    twin.settle(within=1)
    assert None not in [asked_at(item.metadata) for item in on(twin, "a")]


def test_a_node_that_says_that_it_is_not_ready() -> None:
    twin = platform([node("a"), node("b"), pod("x-0")])
    sick = find(twin, "a")
    conditions = (Condition(type="Ready", status="False"), Condition(type="DiskPressure", status="True"))
    twin.record(replace(sick, status=replace(sick.status, conditions=conditions)), "test")
    twin.settle(within=1)
    assert taints(twin, "a") == [
        ("disk-pressure", "NoSchedule"),
        ("not-ready", "NoExecute"),
        ("not-ready", "NoSchedule"),
    ]
    (item,) = on(twin, "a")
    assert condition(item, "Ready") == "True"  # what its kubelet says of the pod stays, as long as there is a kubelet
    lose_node(twin, "a")
    twin.settle(within=51)
    assert taints(twin, "a") == [("unreachable", "NoExecute"), ("unreachable", "NoSchedule")]
    assert {each.status for each in find(twin, "a").status.conditions} == {"Unknown"}


def test_a_cordon_is_a_taint_too() -> None:
    twin = platform([node("a")])
    twin.update(replace(find(twin, "a"), spec=replace(find(twin, "a").spec, unschedulable=True)))
    twin.settle()
    assert taints(twin, "a") == [("unschedulable", "NoSchedule")]
    twin.update(replace(find(twin, "a"), spec=replace(find(twin, "a").spec, unschedulable=False)))
    twin.settle()
    assert taints(twin, "a") == []


def zone(name: str, size: int) -> list[Object]:
    return [node(f"{name}{number}", **{"topology.kubernetes.io/zone": name}) for number in range(size)]


def test_where_no_node_is_ready_nothing_is_evicted() -> None:
    twin = platform([node("a"), node("b"), pod("x-0")])
    lose_node(twin, "a")
    twin.settle(within=60)
    assert ("unreachable", "NoExecute") in taints(twin, "a")
    lose_node(twin, "b")
    twin.settle()
    assert taints(twin, "a") == taints(twin, "b") == [("unreachable", "NoSchedule")]
    assert all(item.metadata.deletion_timestamp is None for item in twin.state.all(Pod))
    return_node(twin, "b")
    twin.settle()
    assert ("unreachable", "NoExecute") in taints(twin, "a")


def test_a_lost_zone_evicts_a_node_every_ten_seconds() -> None:
    twin = platform([*zone("x", 3), *zone("y", 1)])
    for name in ("x0", "x1", "x2"):
        lose_node(twin, name)
    twin.settle()
    added = sorted(
        (taint.time_added - START).total_seconds()
        for item in twin.state.all(Node)
        for taint in item.spec.taints
        if taint.effect == "NoExecute" and taint.time_added
    )
    assert added == [50.1, 60.1, 70.1]


@pytest.mark.parametrize(("size", "down", "evicts"), [(5, 3, False), (5, 2, True), (60, 33, True), (60, 32, True)])
def test_a_zone_that_is_mostly_down(size: int, down: int, evicts: bool) -> None:
    twin = platform(zone("x", size))
    for number in range(down):
        lose_node(twin, f"x{number}")
    twin.settle(within=200)
    tainted = [item.name for item in twin.state.all(Node) if any(t.effect == "NoExecute" for t in item.spec.taints)]
    assert bool(tainted) == evicts
    if size == 60:
        # At 0.55 of the nodes the rate falls from one in 10 s to one in 100 s.
        assert len(tainted) == (2 if down == 33 else 15)
    elif not evicts:
        return_node(twin, "x0")
        twin.settle()
        assert ("unreachable", "NoExecute") in taints(twin, "x1")


def test_times_that_the_clock_has_not_reached() -> None:
    items = [node("a"), node("b"), node("c")]
    late = (START + timedelta(days=1)).isoformat()
    items[0]["status"]["conditions"] = [{"type": "Ready", "status": "Unknown", "lastTransitionTime": late}]
    twin = platform(items)
    lose_node(twin, "b")
    twin.settle(within=70)
    assert ("unreachable", "NoExecute") in taints(twin, "a")
    assert ("unreachable", "NoExecute") in taints(twin, "b")
    assert twin.settle(within=3600) is None
    assert twin.due is None


def test_out_of_service_lets_go_what_no_kubelet_ends() -> None:
    twin = platform([node("a"), node("b"), pod("db-0", owner=owned_by("StatefulSet", "db"))])
    lose_node(twin, "a")
    twin.settle()
    assert [item.name for item in on(twin, "a")] == ["db-0"]
    taint_node(twin, "a", "node.kubernetes.io/out-of-service", "nodeshutdown")
    twin.settle()
    assert on(twin, "a") == []
    assert word(twin, "b")[0] == "True"


def test_out_of_service_needs_no_five_minutes() -> None:
    twin = platform([node("a"), node("b"), pod("db-0")])
    lose_node(twin, "a")
    twin.settle(within=55)
    taint_node(twin, "a", "node.kubernetes.io/out-of-service", "nodeshutdown")
    twin.settle(within=21)
    assert on(twin, "a") == []


def test_pods_of_a_node_that_is_gone() -> None:
    twin = platform([node("a"), node("b"), replica_set("cart", 2), pod("lone-0", "missing")])
    (lost,) = on(twin, "a")
    twin.delete(Ref("Node", "", "a"))
    twin.settle(within=39)
    assert twin.state.find(lost.ref) is not None
    twin.settle(within=40)
    assert twin.state.find(lost.ref) is None
    assert len(ready_pods(twin)) == 3
    # A pod on a node that the snapshot never showed is taken as found.
    assert twin.state.find(Ref("Pod", "shop", "lone-0")) is not None


def test_a_node_that_is_not_there() -> None:
    with pytest.raises(RejectedError, match='nodes "x" not found'):
        lose_node(platform([node("a")]), "x")


def test_a_node_that_recovered_has_used_its_turn() -> None:
    """One NoExecute taint in ten seconds, whether the one before it is still there or not."""
    twin = platform([node("a"), node("b"), pod("x-0")])

    def say(status: str) -> None:
        sick = find(twin, "a")
        since = Condition(type="Ready", status=status, last_transition_time=twin.now)
        twin.record(replace(sick, status=replace(sick.status, conditions=(since,))), "test")

    say("False")
    twin.settle(within=1)
    assert ("not-ready", "NoExecute") in taints(twin, "a")
    say("True")
    twin.settle(within=1)
    assert taints(twin, "a") == []
    say("False")
    twin.settle(within=5)
    assert taints(twin, "a") == [("not-ready", "NoSchedule")]
    twin.settle(within=6)
    assert ("not-ready", "NoExecute") in taints(twin, "a")
