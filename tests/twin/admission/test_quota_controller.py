"""The quota controller in the loop: what was refused is made once there is room."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod, ReplicaSet, ResourceQuota
from seakeep.twin.admission.chain import admit
from seakeep.twin.controllers.quota import Quotas
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.world import Twin
from tests.twin.builders import START, node, replica_set, snapshot, suffixes


def started(hard: dict[str, str], replicas: int) -> Twin:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "q", "namespace": "shop"},
        "spec": {"hard": hard},
    }
    controllers = (Quotas(), ReplicaSets(), Kubelet())
    found = Twin(snapshot([node("a"), quota]), controllers, now=START, suffix=suffixes(), admit=admit)
    found.start_controllers()
    found.settle(within=1)
    found.create(from_mapping(replica_set("cart", replicas)))
    found.settle(within=60)
    return found


def status(world: Twin) -> ResourceQuota:
    found = world.state.get(ResourceQuota, "shop", "q")
    assert found is not None
    return found


def test_status_is_filled_in_and_pods_are_made_up_to_the_quota() -> None:
    world = started({"pods": "2", "requests.cpu": "1500m"}, 3)
    assert status(world).status.hard == {"pods": "2", "requests.cpu": "1500m"}
    assert status(world).status.used == {"pods": "1", "requests.cpu": "1"}
    assert len(list(world.state.all(Pod))) == 1
    owner = world.state.get(ReplicaSet, "shop", "cart")
    assert owner is not None
    text = "exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=1, limited: requests.cpu=1500m"
    assert [item.message.endswith(text) for item in owner.status.conditions] == [True]


def test_a_larger_quota_lets_the_rest_in() -> None:
    world = started({"pods": "1"}, 2)
    found = status(world)
    world.update(replace(found, spec=replace(found.spec, hard={"pods": "2"})))
    world.settle(within=600)
    assert len(list(world.state.all(Pod))) == 2
    assert status(world).status.used == {"pods": "2"}


def test_what_is_deleted_or_has_ended_is_given_back() -> None:
    world = started({"pods": "2", "count/pods": "9"}, 2)
    assert status(world).status.used == {"count/pods": "2", "pods": "2"}
    owner = world.state.get(ReplicaSet, "shop", "cart")
    assert owner is not None
    world.update(replace(owner, spec=replace(owner.spec, replicas=1)))
    world.settle(within=60)
    assert status(world).status.used == {"count/pods": "1", "pods": "1"}
    last = next(world.state.all(Pod))
    world.record(replace(last, status=replace(last.status, phase="Failed")), "test: evicted")
    world.update(replace(owner, spec=replace(owner.spec, replicas=0)))
    world.settle(within=60)
    assert status(world).status.used["pods"] == "0"
