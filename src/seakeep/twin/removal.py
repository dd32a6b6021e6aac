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
    if item is None:
        return
    # What was asked before gives way (apiserver registry/generic `deletionFinalizersForGarbageCollection`).
    others = tuple(each for each in item.metadata.finalizers if each not in {FOREGROUND, ORPHAN})
    finalizers = (*others, *([finalizer] if finalizer else []))
    if set(finalizers) != set(item.metadata.finalizers):
        twin.record(replace(item, metadata=replace(item.metadata, finalizers=finalizers)), f"delete: {propagation}")
    twin.delete(ref, f"deleted ({propagation})")
