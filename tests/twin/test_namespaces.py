"""A namespace that is deleted takes what is in it with it, pods first."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import (
    Condition,
    ConfigMap,
    Deployment,
    KubeObject,
    Namespace,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
)
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.build import build
from seakeep.twin.controllers.namespaces import Namespaces
from seakeep.twin.disruption.outage import lose_node
from seakeep.twin.observed import Observed
from tests.twin.builders import Object
from tests.twin.platforms import namespace, nodes, pdb, settled, whole, workload

SHOP = Ref("Namespace", "", "shop")
HOLD = "acme.com/hold"


def config(name: str, space: str = "shop", **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": space, **metadata}}


def platform(*more: Object) -> Observed:
    twin = build(settled([*nodes(2), *namespace(), workload("Deployment", "web", 2), *more]))
    twin.settle()
    return twin


def left(twin: Observed, space: str = "shop") -> list[str]:
    every = [item for group in twin.state.objects().values() for item in group.values()]
    return sorted(f"{item.kind}/{item.name}" for item in every if item.namespace == space)


def when(twin: Observed, kind: str, what: str) -> list[float]:
    return [step.at for step in twin.steps if step.object.kind == kind and step.what == what]


def shop(twin: Observed) -> Namespace:
    found = twin.state.get(Namespace, "", "shop")
    assert found is not None
    return found


def bad(item: Namespace) -> dict[str, str]:
    return {each.type: each.message for each in item.status.conditions if each.status == "True"}


def released(twin: Observed, item: KubeObject | None) -> None:
    assert item is not None
    twin.update(replace(item, metadata=replace(item.metadata, finalizers=())))


def test_all_in_it_goes_and_then_the_namespace() -> None:
    twin = platform(config("settings"), *namespace("other"), config("kept", "other"))
    twin.delete(SHOP)
    assert twin.settle() is None
    assert left(twin) == []
    assert twin.state.find(SHOP) is None
    assert left(twin, "other") == ["ConfigMap/kept", "ServiceAccount/default"]
    assert len(twin.state.objects()["Node"]) == 2


def test_pods_go_first_and_nobody_makes_them_anew() -> None:
    twin = platform()
    twin.delete(SHOP)
    twin.settle(within=1)
    assert shop(twin).status.phase == "Terminating"
    assert all(pod.metadata.deletion_timestamp is None for pod in twin.state.all(Pod))
    twin.settle()
    start = when(twin, "Namespace", "terminating")[0]
    assert {at - start for at in when(twin, "Pod", "terminating")} == {5.0}
    assert max(when(twin, "Pod", "removed")) < min(when(twin, "Deployment", "removed"))
    assert when(twin, "Deployment", "removed") == when(twin, "Namespace", "removed") == [start + 10]
    assert when(twin, "Pod", "created") == []
    assert twin.refused == {}


def test_nothing_is_made_in_it_meanwhile() -> None:
    twin = platform()
    twin.delete(SHOP)
    with pytest.raises(RejectedError, match="because it is being terminated"):
        twin.create(from_mapping(config("late")))


def test_a_budget_does_not_hold_it_up() -> None:
    twin = platform(pdb("web", minAvailable=2))
    twin.delete(SHOP)
    twin.settle()
    assert twin.state.find(SHOP) is None


def test_what_has_a_finalizer_holds_it_until_that_is_gone() -> None:
    twin = platform(config("held", finalizers=[HOLD]), config("free"))
    twin.delete(SHOP)
    assert twin.settle() is None
    assert left(twin) == ["ConfigMap/held"]
    assert bad(shop(twin)) == {
        "NamespaceContentRemaining": "Some resources are remaining: configmaps. has 1 resource instances",
        "NamespaceFinalizersRemaining": f"Some content in the namespace has finalizers remaining: {HOLD} in 1 resource instances",
    }
    twin.settle(within=3600)
    released(twin, twin.state.get(ConfigMap, "shop", "held"))
    twin.settle()
    assert twin.state.find(SHOP) is None
    # Looks at 5 s, 10 s, 15 s, then every 8 s.
    (gone,), (start,) = when(twin, "Namespace", "removed"), when(twin, "Namespace", "terminating")
    assert gone > 3600
    assert (gone - start - 15) % 8 == 0


def test_a_pod_that_stays_holds_all_else() -> None:
    twin = platform()
    lose_node(twin, "a")
    lose_node(twin, "b")
    twin.delete(SHOP)
    assert twin.settle() is None
    assert twin.state.get(Deployment, "shop", "web") is not None
    assert len(list(twin.state.all(Pod))) == 2
    assert "unexpected items still remain" in bad(shop(twin))["NamespaceDeletionContentFailure"]
    for name in ("a", "b"):
        twin.delete(Ref("Node", "", name))
    twin.settle()
    assert twin.state.find(SHOP) is None
    assert left(twin) == []


@pytest.mark.parametrize(("policy", "remains"), [("Retain", "Released"), ("Delete", "")])
def test_volumes_follow_their_policy(policy: str, remains: str) -> None:
    storage = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "manual"}
    spec = {**storage, "persistentVolumeReclaimPolicy": policy, "claimRef": {"name": "data", "namespace": "shop"}}
    wanted = {"accessModes": ["ReadWriteOnce"], "storageClassName": "manual", "volumeName": "disk"}
    protected = {"name": "data", "namespace": "shop", "finalizers": ["kubernetes.io/pvc-protection"]}
    twin = platform(
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk"}, "spec": spec, "status": {"phase": "Bound"}},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": protected, "spec": {**wanted, "resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": "Bound"}},
    )  # fmt: skip
    assert twin.state.get(PersistentVolumeClaim, "shop", "data") is not None
    twin.delete(SHOP)
    twin.settle()
    assert twin.state.find(SHOP) is None
    disk = twin.state.get(PersistentVolume, "", "disk")
    assert (disk.status.phase if disk is not None else "") == remains


def test_its_own_finalizers_hold_it_when_it_is_empty() -> None:
    twin = platform()
    item = shop(twin)
    twin.update(replace(item, metadata=replace(item.metadata, finalizers=(*item.metadata.finalizers, HOLD))))
    twin.delete(SHOP)
    assert twin.settle() is None
    assert left(twin) == []
    assert shop(twin).metadata.finalizers == (HOLD,)
    released(twin, shop(twin))
    twin.settle()
    assert twin.state.find(SHOP) is None


def test_one_made_on_the_way_goes_as_well() -> None:
    twin = platform()
    twin.create(from_mapping({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "new"}}))
    twin.settle()
    twin.create(from_mapping(config("settings", "new")))
    twin.delete(Ref("Namespace", "", "new"))
    twin.settle()
    assert left(twin, "new") == []
    assert twin.state.find(Ref("Namespace", "", "new")) is None


def test_made_again_and_deleted_again() -> None:
    twin = platform()
    for _ in range(2):
        twin.delete(SHOP)
        twin.settle()
        assert twin.state.find(SHOP) is None
        twin.create(from_mapping(namespace()[0]))
        twin.settle()
        twin.create(from_mapping(config("settings")))
    assert left(twin) == ["ConfigMap/settings", "ServiceAccount/default"]


def test_an_api_that_does_not_answer_holds_every_namespace() -> None:
    condition = {"type": "Available", "status": "False", "reason": "MissingEndpoints"}
    spec = {"group": "metrics.k8s.io", "version": "v1beta1", "service": {"name": "metrics", "namespace": "kube-system"}}
    name = "v1beta1.metrics.k8s.io"
    registered = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": name}}
    twin = platform({**registered, "spec": spec, "status": {"conditions": [condition]}})
    twin.delete(SHOP)
    assert twin.settle() is None
    assert left(twin) == []
    assert "metrics.k8s.io/v1beta1: stale" in bad(shop(twin))["NamespaceDeletionDiscoveryFailure"]
    twin.delete(Ref("APIService", "", name))
    twin.settle()
    assert twin.state.find(SHOP) is None


def going(*conditions: Condition) -> Object:
    told = [{"type": item.type, "status": item.status, "message": item.message} for item in conditions]
    metadata = {"name": "shop", "deletionTimestamp": "2026-03-02T07:00:00Z"}
    status = {"phase": "Terminating", "conditions": told}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": status}


@pytest.mark.parametrize("kind", ["NamespaceDeletionDiscoveryFailure", "NamespaceContentRemaining"])
def test_one_that_something_unseen_holds_stays(kind: str) -> None:
    twin = build(whole([*nodes(1), going(Condition(type=kind, status="True", message="why")), config("settings")]))
    assert twin.settle() is None
    assert left(twin) == []
    assert bad(shop(twin)) == {kind: "why"}


def test_one_that_is_found_on_its_way_goes() -> None:
    remains = Condition(type="NamespaceContentRemaining", status="True", message="why")
    twin = build(whole([*nodes(1), going(remains), config("held", finalizers=[HOLD]), config("free")]))
    assert twin.settle() is None
    assert left(twin) == ["ConfigMap/held"]
    released(twin, twin.state.get(ConfigMap, "shop", "held"))
    twin.settle()
    assert twin.state.find(SHOP) is None


def test_a_branch_goes_its_own_way() -> None:
    twin = platform()
    twin.delete(SHOP)
    twin.settle(within=6)
    other = twin.branch()
    other.settle()
    assert other.state.find(SHOP) is None
    assert len(list(twin.state.all(Pod))) == 2


def test_where_no_namespace_goes_it_never_looks() -> None:
    twin = platform(config("settings"))
    controller = Namespaces()
    for group in twin.state.objects().values():
        for item in group.values():
            assert list(controller.concerns(twin.state, item)) == []
            for question in controller.further:
                assert list(question.concerns(twin.state, item)) == []
