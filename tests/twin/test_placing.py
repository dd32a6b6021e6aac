"""The scheduler's queue: who is tried when, gates, and what it says."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from seakeep.twin.scheduler.words import failed_scheduling
from seakeep.twin.world import Twin
from tests.twin.builders import node, twin
from tests.twin.preempting import find, pod, said


def tries(world: Twin, name: str) -> int:
    return sum(step.object.name == name and "scheduler" in step.why for step in world.steps)


def test_without_nodes_the_message_is_another_one() -> None:
    world = twin([pod("new")])
    world.settle()
    assert said(world, "new") == failed_scheduling({}, 0) == "no nodes available to schedule pods"


def test_what_refuses_the_pod_as_a_whole_is_said_once() -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "gone"}}
    world = twin([node("a"), node("b"), pod("new", 10, volumes=[volume])])
    world.settle()
    # The second is what stops kube-scheduler's PostFilter where a PreFilter has refused the pod.
    assert said(world, "new") == '0/2 nodes are available: persistentvolumeclaim "gone" not found. not found'


def test_a_gated_pod_is_not_tried_until_its_gates_are_removed() -> None:
    world = twin([node("a"), pod("new", schedulingGates=[{"name": "example.com/wait"}])])
    world.settle()
    assert (find(world, "new").spec.node_name, tries(world, "new")) == ("", 0)
    ungated = find(world, "new")
    world.update(replace(ungated, spec=replace(ungated.spec, scheduling_gates=())))
    world.settle()
    assert find(world, "new").spec.node_name == "a"


def test_priorities_go_first_and_then_who_came_first() -> None:
    world = twin([node("a", cpu="2")])
    for name, priority in (("z-first", 0), ("y-second", 0), ("x-important", 5)):
        world.create(from_mapping(pod(name, priority)))
    world.settle()
    assert [find(world, name).spec.node_name for name in ("x-important", "z-first", "y-second")] == ["a", "a", ""]


def test_a_pod_is_tried_again_when_something_goes_but_not_when_something_comes() -> None:
    world = twin([node("a", cpu="2"), node("b", cpu="3"), pod("old", on="b", cpu="2"), pod("new", cpu="3")])
    world.settle()
    before = tries(world, "new")
    world.create(from_mapping(pod("small")))
    world.settle()
    assert (find(world, "small").spec.node_name != "", tries(world, "new")) == (True, before)
    for name in ("old", "small"):
        world.delete(find(world, name).ref, force=True)
    world.settle()
    assert find(world, "new").spec.node_name == "b"


def test_a_pod_that_waits_for_another_is_tried_when_that_comes() -> None:
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    world = twin([node("a"), pod("new", affinity=near)])
    world.settle()
    before = tries(world, "new")
    world.create(from_mapping(pod("stranger")))
    world.settle()
    assert tries(world, "new") == before
    world.create(from_mapping(pod("db")))
    world.settle()
    assert find(world, "new").spec.node_name == "a"


def test_the_nominated_node_is_tried_first() -> None:
    waiting = pod("new")
    waiting["status"]["nominatedNodeName"] = "b"
    world = twin([node("a", cpu="8"), node("b", cpu="4"), waiting])
    world.settle()
    assert find(world, "new").spec.node_name == "b"


def test_a_node_must_let_a_pod_in_with_and_without_those_nominated_to_it() -> None:
    # Beside a nominated pod that it wants to be near, but which is not there yet.
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    promised = pod("db", 10, cpu="3")
    promised["status"]["nominatedNodeName"] = "a"
    full = pod("old", 20, on="a", cpu="2")
    world = twin([node("a", cpu="4"), full, promised, pod("new", 0, cpu="100m", affinity=near)])
    world.settle()
    assert (find(world, "db").spec.node_name, find(world, "new").spec.node_name) == ("", "")
    assert "node(s) didn't match pod affinity rules" in said(world, "new")
    old = world.state.get(Pod, "shop", "old")
    assert old is not None
    world.delete(old.ref, force=True)
    world.settle()
    assert (find(world, "db").spec.node_name, find(world, "new").spec.node_name) == ("a", "a")


def test_another_schedulers_pod_is_left_alone() -> None:
    world = twin([node("a"), pod("new", schedulerName="volcano")])
    world.settle()
    assert (find(world, "new").spec.node_name, tries(world, "new")) == ("", 0)


def test_where_pods_show_that_there_is_another_scheduler_it_places_its_own() -> None:
    world = twin([node("a"), pod("old", on="a", schedulerName="volcano"), pod("new", schedulerName="volcano")])
    world.settle()
    assert find(world, "new").spec.node_name == "a"


def test_the_first_of_its_kind_is_found_when_the_queue_is_flushed() -> None:
    term = {"labelSelector": {"matchLabels": {"app": "x"}}, "topologyKey": "kubernetes.io/hostname"}
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    old, new = pod("old", on="a", app="x"), pod("new", app="x", affinity=near)
    here, there = (node(name, **{"kubernetes.io/hostname": name}) for name in "ab")
    world = twin([{**here, "spec": {"unschedulable": True}}, there, old, new])
    world.settle()
    assert find(world, "new").spec.node_name == ""
    started = world.now
    world.delete(find(world, "old").ref, force=True)
    world.settle(within=200)
    assert find(world, "new").spec.node_name == "", "no hint tells of it"
    world.settle()
    assert find(world, "new").spec.node_name == "b"
    assert 300 < (world.now - started).total_seconds() < 350


def test_a_pod_that_is_flushed_in_vain_is_not_waited_for() -> None:
    term = {"labelSelector": {"matchLabels": {"app": "gone"}}, "topologyKey": "kubernetes.io/hostname"}
    near = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    world = twin([node("b"), pod("new", affinity=near)])
    assert world.settle() is None
    assert world.elapsed == 0.0
    world.create(from_mapping(pod("other")))
    assert world.settle() is None
    assert (world.elapsed, tries(world, "new")) == (330.0, 1)
