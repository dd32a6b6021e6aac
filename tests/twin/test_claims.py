"""Claims: which volume they get, when, and what becomes of it."""

from __future__ import annotations

from typing import Any

from seakeep.model.objects import PersistentVolume, PersistentVolumeClaim, Pod
from tests.twin.builders import Object, node
from tests.twin.workload_worlds import get, world

NODES = [node("a", **{"topology.kubernetes.io/zone": "z1"}), node("b", **{"topology.kubernetes.io/zone": "z2"})]


def storage(name: str = "fast", mode: str = "Immediate", provisioner: str = "csi.example.com", **more: Any) -> Object:
    return {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, "provisioner": provisioner, "volumeBindingMode": mode, **more}  # fmt: skip


def claim(name: str = "data", size: str = "5Gi", of: str = "fast", **more: Any) -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": of, "resources": {"requests": {"storage": size}}, **more}  # fmt: skip
    metadata = {"name": name, "namespace": "shop", "uid": f"claim-{name}", "finalizers": ["kubernetes.io/pvc-protection"]}  # fmt: skip
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec, "status": {"phase": "Pending"}}  # fmt: skip


def volume(name: str, size: str, of: str = "fast", **more: Any) -> Object:
    spec = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": of, "persistentVolumeReclaimPolicy": "Retain", **more}  # fmt: skip
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "uid": f"pv-{name}"}, "spec": spec, "status": {"phase": "Available"}}  # fmt: skip


def user() -> Object:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    spec = {"containers": [{"name": "main", "image": "x"}], "volumes": volumes}
    metadata = {"name": "web", "namespace": "shop", "uid": "pod-web"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_the_smallest_volume_that_fits() -> None:
    twin = world([*NODES, storage(), claim(), volume("big", "50Gi"), volume("fit", "6Gi"), volume("small", "1Gi"), volume("other", "5Gi", "slow")])  # fmt: skip
    twin.settle()
    found = get(twin, PersistentVolumeClaim, "data")
    assert (found.status.phase, found.spec.volume_name, found.status.capacity) == ("Bound", "fit", {"storage": "6Gi"})
    taken = twin.state.get(PersistentVolume, "", "fit")
    assert taken is not None
    assert (taken.status.phase, taken.spec.claim_ref.name if taken.spec.claim_ref else "") == ("Bound", "data")


def test_what_fits_nowhere_is_provisioned() -> None:
    twin = world([*NODES, storage(), claim(), volume("small", "1Gi")])
    twin.settle()
    found = get(twin, PersistentVolumeClaim, "data")
    made = twin.state.get(PersistentVolume, "", "pvc-claim-data")
    assert (found.status.phase, found.spec.volume_name) == ("Bound", "pvc-claim-data")
    assert made is not None
    assert made.spec.persistent_volume_reclaim_policy == "Delete"


def test_it_waits_for_its_pod_and_is_tied_to_the_pods_zone() -> None:
    twin = world([*NODES, storage(mode="WaitForFirstConsumer"), claim()])
    twin.settle()
    assert get(twin, PersistentVolumeClaim, "data").status.phase == "Pending"
    twin = world([*NODES, storage(mode="WaitForFirstConsumer"), claim(), user()])
    twin.settle()
    name = get(twin, PersistentVolumeClaim, "data").spec.volume_name
    made = twin.state.get(PersistentVolume, "", name)
    zone = {"a": "z1", "b": "z2"}[get(twin, Pod).spec.node_name]
    assert made is not None
    assert made.spec.node_affinity is not None
    assert made.spec.node_affinity.required is not None
    assert made.spec.node_affinity.required.node_selector_terms[0].match_expressions[0].values == (zone,)


def test_nobody_provisions_for_a_class_that_the_snapshot_shows_failing_or_that_has_no_provisioner() -> None:
    about = {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data"}
    event = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"}, "reason": "ProvisioningFailed", "message": "quota exceeded", "involvedObject": about}  # fmt: skip
    for objects in ([storage(), event], [storage(provisioner="kubernetes.io/no-provisioner")]):
        twin = world([*NODES, claim(), *objects])
        twin.settle()
        assert get(twin, PersistentVolumeClaim, "data").status.phase == "Pending"


def test_a_claim_in_use_stays_until_its_pod_is_gone_and_then_its_volume_goes() -> None:
    twin = world([*NODES, storage(), claim(), user()])
    twin.settle()
    twin.delete(get(twin, PersistentVolumeClaim, "data").ref)
    twin.settle()
    assert get(twin, PersistentVolumeClaim, "data").metadata.deletion_timestamp is not None
    twin.delete(get(twin, Pod).ref)
    twin.settle()
    assert twin.state.get(PersistentVolumeClaim, "shop", "data") is None
    assert list(twin.state.all(PersistentVolume)) == []


def test_a_volume_with_policy_retain_is_released_and_a_claim_without_its_volume_is_lost() -> None:
    twin = world([*NODES, storage(), claim(), volume("fit", "6Gi")])
    twin.settle()
    other = twin.branch()
    twin.delete(get(twin, PersistentVolumeClaim, "data").ref)
    twin.settle()
    left = twin.state.get(PersistentVolume, "", "fit")
    assert left is not None
    assert left.status.phase == "Released"
    shown = other.state.get(PersistentVolume, "", "fit")
    assert shown is not None
    other.delete(shown.ref, force=True)
    other.settle()
    assert get(other, PersistentVolumeClaim, "data").status.phase == "Lost"
