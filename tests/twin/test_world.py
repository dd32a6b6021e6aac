"""The loop: controllers, scheduler and kubelet until nothing is left to do."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Container, Metadata, Pod, PodSpec, ReplicaSet, ResourceQuota
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.world import Twin
from tests.twin.builders import START, node, replica_set, snapshot, suffixes, twin


def ready(world: Twin) -> int:
    return sum(is_ready(pod) for pod in world.state.all(Pod))


def scale(world: Twin, replicas: int) -> None:
    owner = world.state.get(ReplicaSet, "shop", "cart")
    assert owner is not None
    world.update(replace(owner, spec=replace(owner.spec, replicas=replicas)))


def test_pods_are_made_placed_and_ready() -> None:
    world = twin([node("a"), node("b"), replica_set("cart", 3)])
    assert world.settle() is None
    assert ready(world) == 3
    assert world.elapsed == world.settings.pod_start + world.settings.app_start
    owner = world.state.get(ReplicaSet, "shop", "cart")
    assert owner is not None
    assert (owner.status.replicas, owner.status.ready_replicas) == (3, 3)


def test_the_least_allocated_node_comes_first() -> None:
    world = twin([node("a"), node("b"), replica_set("cart", 2)])
    world.settle()
    assert {pod.spec.node_name for pod in world.state.all(Pod)} == {"a", "b"}


def test_what_does_not_fit_waits_with_the_schedulers_words_and_fits_when_there_is_room() -> None:
    world = twin([node("a", cpu="2"), replica_set("cart", 3)])
    world.settle()
    waiting = [pod for pod in world.state.all(Pod) if not pod.spec.node_name]
    assert [item.message for pod in waiting for item in pod.status.conditions] == [
        "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
    ]
    scale(world, 2)
    world.settle()
    assert (ready(world), len(list(world.state.all(Pod)))) == (2, 2)
    scale(world, 3)
    world.settle(within=60)
    running = next(pod for pod in world.state.all(Pod) if pod.spec.node_name)
    world.delete(running.ref)
    scale(world, 2)
    world.settle()
    assert ready(world) == 2


def test_a_branch_leaves_its_origin_alone() -> None:
    world = twin([node("a"), node("b"), replica_set("cart", 2)])
    world.settle()
    before = world.state.objects()
    taken = world.placer.cluster.requested["cpu"].tolist()
    other = world.branch()
    scale(other, 6)
    other.settle()
    assert ready(other) == 6
    assert world.state.objects() == before
    assert world.placer.cluster.requested["cpu"].tolist() == taken
    scale(world, 1)
    world.settle()
    assert (ready(world), ready(other)) == (1, 6)


def test_pods_without_a_node_are_found_by_its_empty_name() -> None:
    world = twin([node("a", cpu="2"), replica_set("cart", 3)])
    world.settle()
    assert [pod.spec.node_name for pod in world.state.pods_on("")] == [""]
    other = world.branch()
    scale(other, 2)
    other.settle()
    assert other.state.pods_on("") == ()
    world.delete(world.state.pods_on("a")[0].ref)
    world.settle()
    assert list(world.state.pods_on("")) == [pod for pod in world.state.all(Pod) if not pod.spec.node_name]


def test_the_same_input_gives_the_same_steps() -> None:
    first, second = (twin([node("a"), node("b"), replica_set("cart", 5)]) for _ in range(2))
    first.settle()
    second.settle()
    assert first.steps == second.steps


def test_a_generated_name_that_is_taken_is_generated_anew() -> None:
    """A source may hold names of the same sequence: those that a twin has given."""
    taken = twin([node("a"), replica_set("cart", 3)])
    taken.settle()
    pods = dict(taken.state.objects()["Pod"])
    world = twin([node("a"), replica_set("cart", 5)])
    for pod in pods.values():
        world.state.put(pod)
    assert world.settle() is None
    assert ready(world) == 5
    assert "FailedCreate" not in {step.what for step in world.steps}


def test_admission_is_asked_before_the_name() -> None:
    """The registry looks the name up when it stores, after the admission plugins."""
    hard = {"pods": "1"}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "spec": {"hard": hard}, "status": {"hard": hard, "used": {"pods": "0"}}}  # fmt: skip
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    world = Twin(snapshot([space, quota]), (), now=START, suffix=suffixes(), admit=admit)
    pod = Pod(metadata=Metadata(name="a", namespace="shop"), spec=PodSpec(containers=(Container(name="c", image="i"),)))
    world.create(pod)
    said = []
    for most in ("1", "5"):
        limits = world.state.get(ResourceQuota, "shop", "q")
        assert limits is not None
        used = {"pods": "1"}
        world.state.put(replace(limits, status=replace(limits.status, hard={"pods": most}, used=used)))
        with pytest.raises(RejectedError) as refused:
            world.create(pod)
        said.append((refused.value.code, refused.value.message))
    assert said == [
        (403, 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'),
        (409, 'pods "a" already exists'),
    ]
    left = world.state.get(ResourceQuota, "shop", "q")
    assert left is not None
    assert left.status.used == {"pods": "1"}
