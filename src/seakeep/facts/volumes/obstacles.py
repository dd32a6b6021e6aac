"""What keeps a claim and a volume apart, compared as the PersistentVolume controller does (`pkg/controller/volume/persistentvolume`), or as an event tells it."""

from __future__ import annotations

import re
from enum import StrEnum

from seakeep.facts.selection import matches
from seakeep.model.objects import PersistentVolume, PersistentVolumeClaim
from seakeep.model.pattern import late
from seakeep.model.quantity import QuantityError, value


class Obstacle(StrEnum):
    CLASS_MISSING = "storage class does not exist"
    CLASS = "storage class"
    SELECTOR = "selector"
    ACCESS = "access modes"
    CAPACITY = "capacity"
    TAKEN = "bound to another claim"
    PROVISIONER = "provisioner"


_IN_MESSAGES: tuple[tuple[re.Pattern[str], Obstacle], ...] = tuple(
    (late(form, re.IGNORECASE), obstacle)
    for form, obstacle in (
        (r'storageclass(?:\.storage\.k8s\.io)? "[^"]+" not found', Obstacle.CLASS_MISSING),
        (r"storageClassName does not match", Obstacle.CLASS),
        (r"already bound to a different claim", Obstacle.TAKEN),
        # The cloud's account has no more of anything, whatever the size: before what sounds like it.
        (r"\bquota\b|QUOTA_EXCEEDED|LimitExceeded|quota\w*exceed", Obstacle.PROVISIONER),
        (
            r"requested PV is too small|not enough (?:free |available )?(?:space|capacity)|ResourceExhausted|insufficient (?:free )?(?:space|capacity)|exceeds? .{0,40}(?:capacity|maximum|limit)|(?:size|capacity) .{0,40}(?:too large|out of range|exceed)",
            Obstacle.CAPACITY,
        ),
        (
            r"incompatible accessMode|access ?modes?\b.{0,60}(?:not supported|unsupported|invalid|incompatible)|(?:only supports?|unsupported|not support\w*|invalid) .{0,80}access ?modes?|volume capabilit(?:y|ies) .{0,20}not supported|MULTI_NODE_MULTI_WRITER",
            Obstacle.ACCESS,
        ),
        (r"incompatible volumeMode|volumeMode .{0,40}not support", Obstacle.ACCESS),
        (r"claim\.?(?:spec\.)? ?selector is not supported", Obstacle.SELECTOR),
    )
)


def told_in(message: str) -> Obstacle | None:
    return next((obstacle for form, obstacle in _IN_MESSAGES if form.search(message)), None)


def requested(claim: PersistentVolumeClaim) -> int:
    return _size(claim.spec.resources.requests.get("storage"))


def capacity(volume: PersistentVolume) -> int:
    return _size(volume.spec.capacity.get("storage"))


def _size(quantity: str | float | None) -> int:
    try:
        return value(quantity) if quantity is not None else 0
    except QuantityError:
        return 0


def obstacles_between(claim: PersistentVolumeClaim, class_name: str, volume: PersistentVolume) -> frozenset[Obstacle]:
    found = set[Obstacle]()
    owner = volume.spec.claim_ref
    if owner and (owner.namespace, owner.name) != (claim.namespace, claim.name):
        found.add(Obstacle.TAKEN)
    elif owner and owner.uid and claim.metadata.uid and owner.uid != claim.metadata.uid:
        found.add(Obstacle.TAKEN)  # of a claim of the same name that was deleted: the volume is Released
    if volume.spec.storage_class_name != class_name:
        found.add(Obstacle.CLASS)
    if (
        not set(claim.spec.access_modes) <= set(volume.spec.access_modes)
        or claim.spec.volume_mode != volume.spec.volume_mode
    ):
        found.add(Obstacle.ACCESS)
    if capacity(volume) < requested(claim):
        found.add(Obstacle.CAPACITY)
    if claim.spec.selector is not None and not matches(claim.spec.selector, volume.labels):
        found.add(Obstacle.SELECTOR)
    return frozenset(found)
