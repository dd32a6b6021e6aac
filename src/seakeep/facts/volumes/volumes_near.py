"""Volumes that come near to a claim that waits, and what keeps it from them."""

from __future__ import annotations

import re

from seakeep.facts.index import Index
from seakeep.facts.volumes.obstacles import Obstacle, obstacles_between, requested
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import PersistentVolume, PersistentVolumeClaim
from seakeep.model.snapshot import Depth

# Obstacles by confidence, and for each the volume that would fit but for that.
Near = tuple[dict[Obstacle, float], dict[Obstacle, PersistentVolume]]
# What a volume is called by, whatever it is for: first the kind, then what any two may share.
_KIND = frozenset({"claim", "persistent", "pv", "pvc", "vol", "volume"})
_ANY = frozenset({"data", "disk", "hostpath", "local", "manual", "nfs", "shared", "static", "storage"})


def of_other_class(index: Index, claim: PersistentVolumeClaim, class_name: str) -> tuple[PersistentVolume, ...]:
    """Free volumes that would fit but for their class; those alone that were made for this claim, where there are such."""
    found = [
        volume
        for volume in index.snapshot.all(PersistentVolume)
        if volume.status.phase in {"", "Available"} and obstacles_between(claim, class_name, volume) == {Obstacle.CLASS}
    ]
    return tuple([volume for volume in found if made_for(claim, volume)] or found)


def made_for(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """It is kept for the claim, or bears its name: `kafka-pv-0` and `data-kafka-0`."""
    owner = volume.spec.claim_ref
    if owner:
        return (owner.namespace, owner.name) == (claim.namespace, claim.name)
    ours, its = _words(claim.name), _words(volume.name)
    fewer = min(ours, its, key=len)
    return bool(fewer) and (ours == its or (ours & its == fewer and any(word.isalpha() for word in fewer - _ANY)))


def _words(name: str) -> frozenset[str]:
    return frozenset(re.split(r"[-.]", name)) - _KIND


def compared(index: Index, claim: PersistentVolumeClaim, class_name: str) -> Near:
    """Nothing where one fits or none comes near."""
    near: dict[Obstacle, PersistentVolume] = {}
    if index.snapshot.find(claim.ref) and index.snapshot.depth(claim.ref) is Depth.FULL:
        return _static(index, claim, class_name, near), near
    return _by_name(index, claim, near) or _by_class(index, claim, class_name, near), near


def _static(
    index: Index, claim: PersistentVolumeClaim, class_name: str, near: dict[Obstacle, PersistentVolume]
) -> dict[Obstacle, float]:
    """What keeps the claim from the volumes that come nearest to it."""
    if claim.spec.volume_name:
        volume = index.snapshot.get(PersistentVolume, "", claim.spec.volume_name)
        wrong = obstacles_between(claim, class_name, volume) if volume else frozenset[Obstacle]()
        if volume:
            near.update(dict.fromkeys(wrong, volume))
        return dict.fromkeys(wrong, PROVEN if len(wrong) == 1 else LIKELY)
    compared = [
        (obstacles_between(claim, class_name, volume), volume) for volume in index.snapshot.all(PersistentVolume)
    ]
    if not compared or any(not wrong for wrong, _ in compared):
        return {}
    close = [entry for entry in compared if Obstacle.TAKEN not in entry[0] and len(entry[0]) <= 2]
    close = [entry for entry in close if made_for(claim, entry[1])] or close
    fewest = min((len(wrong) for wrong, _ in close), default=0)
    chosen = [entry for entry in close if len(entry[0]) == fewest]
    if not chosen:
        # Every volume is taken: telling only where the claim could have had this one.
        chosen = [entry for entry in compared if entry[0] == {Obstacle.TAKEN}]
    kinds = sorted({kind for wrong, _ in chosen for kind in wrong})
    for wrong, volume in chosen:
        for kind in wrong:
            near.setdefault(kind, volume)
    level = LIKELY if len(kinds) == 1 else POSSIBLE
    return dict.fromkeys(kinds, level)


def _by_name(
    index: Index, claim: PersistentVolumeClaim, near: dict[Obstacle, PersistentVolume]
) -> dict[Obstacle, float]:
    """The volume that the claim names belongs to another claim: even a table of volumes tells."""
    volume = index.snapshot.get(PersistentVolume, "", claim.spec.volume_name) if claim.spec.volume_name else None
    owner = volume.spec.claim_ref if volume else None
    if volume is None or owner is None or (owner.namespace, owner.name) == (claim.namespace, claim.name):
        return {}
    near[Obstacle.TAKEN] = volume
    return {Obstacle.TAKEN: PROVEN}


def _by_class(
    index: Index, claim: PersistentVolumeClaim, class_name: str, near: dict[Obstacle, PersistentVolume]
) -> dict[Obstacle, float]:
    """Of a claim that was only listed or described just the class is known while it waits: free volumes, all of other classes, speak of it;
    where one is of its class, size, access mode or selector must be in the way.
    """
    free = [
        volume
        for volume in index.snapshot.all(PersistentVolume)
        if volume.spec.claim_ref is None and volume.status.phase in {"", "Available"}
    ]
    if not class_name or not free:
        return {}
    if same := next((volume for volume in free if volume.spec.storage_class_name == class_name), None):
        hidden = (Obstacle.ACCESS, Obstacle.CAPACITY, Obstacle.SELECTOR)
        near.update(dict.fromkeys(hidden, same))
        shown = obstacles_between(claim, class_name, same) & set(hidden)
        if requested(claim) and all(obstacles_between(claim, class_name, item) for item in free):
            return dict.fromkeys(shown, LIKELY if len(shown) == 1 else POSSIBLE)
        return dict.fromkeys(hidden, POSSIBLE)
    near[Obstacle.CLASS] = next((volume for volume in free if made_for(claim, volume)), free[0])
    return {Obstacle.CLASS: POSSIBLE}
