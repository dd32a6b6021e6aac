"""Volumes that two pods on different nodes cannot use at once."""

from __future__ import annotations

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.objects import PersistentVolumeClaim, PodSpec
from seakeep.model.snapshot import Depth

_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})


class Claims(Struct, frozen=True):
    """`exclusive` claims are of one node or pod only; of the `unknown` ones the access modes were not seen."""

    exclusive: tuple[str, ...]
    unknown: tuple[str, ...]


_NONE = Claims((), ())


def claims_of(index: Index, namespace: str, spec: PodSpec) -> Claims:
    """Of the claims that the pod names; those that a StatefulSet makes for each pod are not shared at all."""
    named = [item.persistent_volume_claim.claim_name for item in spec.volumes if item.persistent_volume_claim]
    if not named:
        return _NONE
    exclusive, unknown = [], []
    for name in named:
        claim = index.snapshot.get(PersistentVolumeClaim, namespace, name)
        if claim is None or index.snapshot.depth(claim.ref) < Depth.TABLE or not claim.spec.access_modes:
            unknown.append(name)
        elif not _SHARED & set(claim.spec.access_modes):
            exclusive.append(name)
    return Claims(tuple(exclusive), tuple(unknown))
