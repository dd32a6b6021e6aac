"""What of the obstacles holds, by the claim's class and by what its events say."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.volumes.block_drivers import serves_one_node, wants_many
from seakeep.facts.volumes.obstacles import Obstacle, told_in
from seakeep.facts.volumes.volumes_near import made_for, of_other_class
from seakeep.facts.volumes.waiting_claims import PROVISIONING, Waiting
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import PersistentVolume, StorageClass
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

NO_PROVISIONER = "kubernetes.io/no-provisioner"
_FIRST_CONSUMER = "WaitForFirstConsumer"


def in_manifests(index: Index, item: Waiting, near: dict[Obstacle, float]) -> dict[Obstacle, float]:
    """Volumes made by hand for the claim's class that do not fit it, and a class that looks mistyped. What a cluster offers besides is not known."""
    claim, name, storage_class = item.claim, item.class_name, item.storage_class
    if storage_class and storage_class.provisioner not in {"", NO_PROVISIONER}:
        return {Obstacle.ACCESS: LIKELY} if wants_many(claim) and serves_one_node(storage_class.provisioner) else {}
    if claim.spec.volume_name:
        return near
    by_hand = {volume.spec.storage_class_name for volume in index.snapshot.all(PersistentVolume)}
    if name in by_hand:
        return {kind: level for kind, level in near.items() if kind is not Obstacle.CLASS and len(near) == 1}
    classes = {each.name for each in index.snapshot.all(StorageClass)}
    if claim.spec.storage_class_name and classes and storage_class is None:
        return {Obstacle.CLASS_MISSING: LIKELY if any(is_slip(name, each) for each in classes) else POSSIBLE}
    if claim.spec.storage_class_name and any(is_slip(name, each) for each in by_hand):
        return {kind: level for kind, level in near.items() if kind is Obstacle.CLASS}
    return {}


def in_cluster(index: Index, item: Waiting, near: dict[Obstacle, float]) -> dict[Obstacle, float]:
    claim, storage_class, told = item.claim, item.storage_class, told_in(item.message)
    if claim.spec.volume_name and (near or told):
        return near or ({told: PROVEN} if told else {})
    if claim.spec.volume_name and index.snapshot.is_absent(Ref("PersistentVolume", "", claim.spec.volume_name)):
        return {}  # waits for a volume of that name, whatever its class
    if storage_class and storage_class.provisioner and storage_class.provisioner != NO_PROVISIONER:
        return _dynamic(index, item, storage_class, told)
    if storage_class and storage_class.volume_binding_mode == _FIRST_CONSUMER and not item.consumers:
        return {}
    if _is_class_gone(index, item, told):
        return _without_class(index, item, near)
    if near:
        sure = len(near) == 1
        return {kind: PROVEN if sure and kind is not Obstacle.TAKEN else level for kind, level in near.items()}
    if told:
        return {told: PROVEN}
    if storage_class is None and item.has_event("ProvisioningFailed", "ExternalProvisioning"):
        return _dynamic(index, item, StorageClass(volume_binding_mode="Immediate"), None)
    if _has_no_class(index, item):
        return {Obstacle.CLASS_MISSING: LIKELY}
    return {Obstacle.CLASS_MISSING: POSSIBLE} if _was_given_none(index, item) else {}


def _is_class_gone(index: Index, item: Waiting, told: Obstacle | None) -> bool:
    """Nor is it one that exists only on volumes made by hand."""
    name = item.class_name
    if not name or item.storage_class is not None:
        return False
    if told is not Obstacle.CLASS_MISSING and not index.snapshot.is_absent(Ref("StorageClass", "", name)):
        return False
    return all(volume.spec.storage_class_name != name for volume in index.snapshot.all(PersistentVolume))


def _without_class(index: Index, item: Waiting, near: dict[Obstacle, float]) -> dict[Obstacle, float]:
    """Nobody can serve a class that is not there, unless a volume made for the claim waits under another; the only free one may be meant."""
    free = of_other_class(index, item.claim, item.class_name)
    if free and made_for(item.claim, free[0]):
        return {Obstacle.CLASS: PROVEN if near.get(Obstacle.CLASS, 0) >= LIKELY else LIKELY}
    # Classes by hand exist only on volumes.
    found = {Obstacle.CLASS_MISSING: PROVEN if index.snapshot.lists_all("PersistentVolume", "*") else LIKELY}
    sole = len(free) == 1 and near.get(Obstacle.CLASS, 0) >= LIKELY
    return found | ({Obstacle.CLASS: POSSIBLE} if sole else {})


def _has_no_class(index: Index, item: Waiting) -> bool:
    """It names none, and there is no default one."""
    if item.class_name or item.claim.spec.storage_class_name is not None:
        return False
    if "no storage class is set" in item.message:
        return True
    seen = index.snapshot.find(item.claim.ref) and index.snapshot.depth(item.claim.ref) is Depth.FULL
    return bool(seen) and index.snapshot.lists_all("StorageClass", "*")


def _was_given_none(index: Index, item: Waiting) -> bool:
    """A default class would have been written into the claim when it was made, and serves older ones since Kubernetes 1.28."""
    created = item.claim.metadata.creation_timestamp
    named = item.class_name or item.claim.spec.storage_class_name is not None or item.claim.spec.volume_name
    return not named and created is not None and index.now - created > PROVISIONING


def _dynamic(index: Index, item: Waiting, storage_class: StorageClass, told: Obstacle | None) -> dict[Obstacle, float]:
    if told and told is not Obstacle.CLASS_MISSING:
        return {told: PROVEN}
    chosen = "volume.kubernetes.io/selected-node" in item.claim.metadata.annotations
    first_consumer = storage_class.volume_binding_mode == _FIRST_CONSUMER
    if first_consumer and not item.events and not (item.consumers and chosen):
        return {}
    if item.has_event("ProvisioningFailed"):
        return {Obstacle.PROVISIONER: PROVEN}
    created = item.claim.metadata.creation_timestamp
    if created and index.now - created < PROVISIONING:
        return {}
    return {Obstacle.PROVISIONER: LIKELY if item.events else POSSIBLE}
