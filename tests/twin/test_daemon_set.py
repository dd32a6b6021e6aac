"""DaemonSets: which nodes get a pod, and how pods are replaced."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import DaemonSet, Node, Pod, Taint
from seakeep.model.objects.workloads import RollingUpdate, Strategy
from seakeep.twin.world import Twin
from tests.twin.builders import node
from tests.twin.workload_worlds import change, get, pods, ready, roll, workload, world

NODES = [node(name, cpu="16") for name in ("a", "b", "c", "d")]


def on(twin: Twin) -> list[str]:
    return sorted(pod.spec.node_name for pod in twin.state.all(Pod))


def taint(twin: Twin, name: str, effect: str, **more: Any) -> None:
    item = twin.state.get(Node, "", name)
    assert item is not None
    taints = (Taint(key="maintenance", effect=effect),)
    twin.update(replace(item, spec=replace(item.spec, taints=taints, **more)))


def test_a_pod_on_every_node_also_on_one_that_is_cordoned() -> None:
    twin = world([*NODES, workload("DaemonSet")])
    item = twin.state.get(Node, "", "b")
    assert item is not None
    cordon = (Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule"),)
    twin.update(replace(item, spec=replace(item.spec, unschedulable=True, taints=cordon)))
    twin.settle()
    assert on(twin) == ["a", "b", "c", "d"]
    status = get(twin, DaemonSet).status
    assert (status.desired_number_scheduled, status.number_available, status.number_misscheduled) == (4, 4, 0)


def test_taints_keep_pods_out_and_noexecute_sends_them_away() -> None:
    twin = world([*NODES, workload("DaemonSet")])
    twin.settle()
    taint(twin, "a", "NoSchedule")
    twin.settle()
    status = get(twin, DaemonSet).status
    assert (on(twin), status.desired_number_scheduled, status.number_misscheduled) == (["a", "b", "c", "d"], 3, 1)
    taint(twin, "a", "NoExecute")
    twin.settle()
    assert on(twin) == ["b", "c", "d"]


def test_one_node_after_the_other() -> None:
    twin = world([*NODES, workload("DaemonSet")])
    twin.settle()
    roll(twin, DaemonSet, "example/app:2")
    lowest = 4
    for _ in range(100):
        twin.settle(within=0.25)
        lowest = min(lowest, ready(twin))
    assert (lowest, set(pods(twin).values()), on(twin)) == (3, {"example/app:2"}, ["a", "b", "c", "d"])
    assert get(twin, DaemonSet).status.updated_number_scheduled == 4


def test_with_surge_the_old_pod_goes_when_the_new_one_is_available() -> None:
    twin = world([*NODES, workload("DaemonSet")])
    change(twin, DaemonSet, update_strategy=Strategy(rolling_update=RollingUpdate(max_surge=1, max_unavailable=0)))
    twin.settle()
    roll(twin, DaemonSet, "example/app:2")
    lowest, highest = 4, 0
    for _ in range(100):
        twin.settle(within=0.25)
        staying = sum(pod.metadata.deletion_timestamp is None for pod in twin.state.all(Pod))
        lowest, highest = min(lowest, ready(twin)), max(highest, staying)
    assert (lowest, highest) == (4, 5)
    assert set(pods(twin).values()) == {"example/app:2"}


def test_on_delete_waits_for_somebody() -> None:
    twin = world([*NODES, workload("DaemonSet", updateStrategy={"type": "OnDelete"})])
    twin.settle()
    roll(twin, DaemonSet, "example/app:2")
    twin.settle()
    assert set(pods(twin).values()) == {"example/app:1"}
    twin.delete(next(twin.state.all(Pod)).ref)
    twin.settle()
    assert sorted(pods(twin).values()) == ["example/app:1"] * 3 + ["example/app:2"]
