"""Garbage collection by owner references."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.model.objects import Pod, ReplicaSet
from seakeep.model.refs import Ref
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.removal import remove
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, admit_all, node, replica_set, snapshot, suffixes
from tests.twin.worlds import owned_by, pod, workload, world


def config(name: str, *owners: Object, namespace: str = "shop", **metadata: Any) -> Object:
    data = {"name": name, "namespace": namespace, "uid": f"cm-{name}", "ownerReferences": list(owners), **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": data}


def owner(name: str, uid: str = "", *, blocks: bool = False) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": name,
        "uid": uid or f"cm-{name}",
        "blockOwnerDeletion": blocks,
    }


def platform(*objects: Object) -> Twin:
    return world([node("a", cpu="8"), *objects], GarbageCollector())


def configs(twin: Twin) -> list[str]:
    return sorted(name for _, name in twin.state.objects().get("ConfigMap", {}))


def test_dependents_follow_their_owner() -> None:
    twin = platform(replica_set("cart", 2))
    remove(twin, Ref("ReplicaSet", "shop", "cart"))
    assert len(list(twin.state.all(Pod))) == 2
    twin.settle()
    assert list(twin.state.all(Pod)) == []


def test_chains() -> None:
    twin = platform(config("a"), config("b", owner("a")), config("c", owner("b")), config("d"))
    remove(twin, Ref("ConfigMap", "shop", "a"))
    twin.settle()
    assert configs(twin) == ["d"]


def test_who_has_another_owner_stays_without_the_lost_one() -> None:
    twin = platform(config("a"), config("b"), config("c", owner("a"), owner("b")))
    remove(twin, Ref("ConfigMap", "shop", "a"))
    twin.settle()
    assert configs(twin) == ["b", "c"]
    found = twin.state.find(Ref("ConfigMap", "shop", "c"))
    assert found is not None
    assert [item.name for item in found.metadata.owner_references] == ["b"]


@pytest.mark.parametrize(
    ("reference", "stays"),
    [
        (owner("a"), True),
        (owner("a", "another"), False),
        (owner("elsewhere"), False),
        (owned_by("Podset", "x", "acme.io/v1"), True),
        ({"apiVersion": "v1", "kind": "Node", "name": "a", "uid": ""}, True),
        ({"apiVersion": "v1", "kind": "Node", "name": "z", "uid": ""}, False),
    ],
)
def test_which_owners_are_absent(reference: Object, stays: bool) -> None:
    """An owner of another uid or in another namespace is none; of a kind that was never read it may exist."""
    twin = platform(config("a"), config("elsewhere", namespace="other"), config("x", reference))
    assert ("x" in configs(twin)) == stays


def test_a_cluster_scoped_object_with_a_namespaced_owner_is_left_alone() -> None:
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "v", "ownerReferences": [owner("gone")]},
    }
    twin = platform(volume)
    assert twin.state.find(Ref("PersistentVolume", "", "v")) is not None


def test_what_was_never_read_is_not_absent() -> None:
    objects = [node("a"), pod("x-0", owner=owned_by("StatefulSet", "x"))]
    twin = Twin(snapshot(objects), (GarbageCollector(),), now=START, suffix=suffixes(), admit=admit_all)
    twin.start_controllers()
    twin.settle()
    assert len(list(twin.state.all(Pod))) == 1


def test_orphans_stay() -> None:
    twin = platform(replica_set("cart", 2))
    remove(twin, Ref("ReplicaSet", "shop", "cart"), "Orphan")
    twin.settle()
    assert twin.state.get(ReplicaSet, "shop", "cart") is None
    assert [item.metadata.owner_references for item in twin.state.all(Pod)] == [(), ()]


def test_foreground_waits_for_those_that_block() -> None:
    twin = platform(
        config("a"),
        config("b", owner("a", blocks=True), finalizers=["acme.io/hold"]),
        config("c", owner("a")),
    )
    remove(twin, Ref("ConfigMap", "shop", "a"), "Foreground")
    twin.settle()
    assert configs(twin) == ["a", "b"]
    twin.delete(Ref("ConfigMap", "shop", "b"), force=True)
    twin.settle()
    assert configs(twin) == []


def test_foreground_through_a_chain_and_a_cycle() -> None:
    twin = platform(config("a"), config("b", owner("a", blocks=True)), config("c", owner("b", blocks=True)))
    remove(twin, Ref("ConfigMap", "shop", "a"), "Foreground")
    twin.settle()
    assert configs(twin) == []
    twin = platform(config("a", owner("b", blocks=True)), config("b", owner("a", blocks=True)))
    assert configs(twin) == ["a", "b"]
    remove(twin, Ref("ConfigMap", "shop", "a"), "Foreground")
    assert twin.settle(within=60) is None
    assert configs(twin) == []


def test_owners_that_own_each_other_go_with_the_first() -> None:
    twin = platform(config("a", owner("b")), config("b", owner("a")), config("c", owner("c")))
    assert configs(twin) == ["a", "b", "c"]
    remove(twin, Ref("ConfigMap", "shop", "a"))
    twin.settle()
    assert configs(twin) == ["c"]


def test_a_daemon_set_takes_its_pods_along() -> None:
    twin = platform(workload("DaemonSet", "agent", None), pod("agent-0", owner=owned_by("DaemonSet", "agent")))
    remove(twin, Ref("DaemonSet", "shop", "agent"))
    twin.settle()
    assert list(twin.state.all(Pod)) == []


def test_an_owner_in_foreground_lets_go_of_dependents_that_have_other_owners() -> None:
    """Also of those that do not block it, and it goes when none blocks it any more."""
    twin = platform(
        config("a"),
        config("other"),
        config("shared", owner("a", blocks=True), owner("other")),
        config("loose", owner("a")),
    )
    remove(twin, Ref("ConfigMap", "shop", "a"), "Foreground")
    twin.settle()
    assert configs(twin) == ["other", "shared"]


def test_an_owner_in_foreground_goes_when_a_user_takes_its_last_dependent_away() -> None:
    twin = platform(config("a"), config("held", owner("a", blocks=True), finalizers=["x/hold"]))
    remove(twin, Ref("ConfigMap", "shop", "a"), "Foreground")
    twin.settle()
    assert configs(twin) == ["a", "held"]
    held = twin.state.find(Ref("ConfigMap", "shop", "held"))
    assert held is not None
    twin.update(replace(held, metadata=replace(held.metadata, owner_references=())))
    twin.settle()
    assert configs(twin) == ["held"]


def test_the_last_propagation_asked_for_counts() -> None:
    twin = platform(config("a", finalizers=["x/hold"]), config("b", owner("a", blocks=True), finalizers=["x/hold"]))
    ref = Ref("ConfigMap", "shop", "a")
    remove(twin, ref, "Foreground")
    remove(twin, ref, "Background")
    found = twin.state.find(ref)
    assert found is not None
    assert found.metadata.finalizers == ("x/hold",)
