"""Deleting with a propagation policy, as `kubectl delete --cascade` asks for it."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.refs import Ref
from seakeep.twin.controllers.garbage_collector import FOREGROUND, ORPHAN
from seakeep.twin.world import Twin

_FINALIZERS = {"Background": "", "Foreground": FOREGROUND, "Orphan": ORPHAN}


def remove(twin: Twin, ref: Ref, propagation: str = "Background") -> None:
    """`propagation` is Background, Foreground or Orphan; the garbage collector does the rest."""
    item = twin.state.find(ref)
    finalizer = _FINALIZERS[propagation]
    if item is not None and finalizer:
        finalizers = tuple(dict.fromkeys((*item.metadata.finalizers, finalizer)))
        twin.record(replace(item, metadata=replace(item.metadata, finalizers=finalizers)), f"delete: {propagation}")
    twin.delete(ref, f"deleted ({propagation})")
