"""Objects whose owners are gone go too; owners that wait for their dependents, or leave them behind, do so. Source: pkg/controller/garbagecollector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from seakeep.model.objects import KubeObject, OwnerReference
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update
from seakeep.twin.changes import GONE, MADE, OWNERS
from seakeep.twin.controller import Question, View
from seakeep.twin.lookups import NAMESPACED, owner_places
from seakeep.twin.state import State

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class GarbageCollector:
    name = "garbagecollector"
    minds: ClassVar[Mapping[str, int]] = {"": MADE | OWNERS}

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        """With all its owners in place there is nothing to do for it; one that goes asks for its dependents itself."""
        metadata = item.metadata
        found = [item.ref] if metadata.finalizers else []
        for reference in metadata.owner_references:
            owner = _owner(state, item, reference)
            if owner is None:
                found.append(item.ref)
            elif owner.metadata.finalizers and FOREGROUND in owner.metadata.finalizers:
                found += [item.ref, owner.ref]
        return found

    @property
    def further(self) -> Sequence[Question]:
        return (Question(GONE, _left),)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.find(ref)
        if item is None:
            return
        if item.metadata.deletion_timestamp is None:
            yield from _collect(view.state, item)
        elif FOREGROUND in item.metadata.finalizers:
            yield from _with_dependents(view.state, item)
        elif ORPHAN in item.metadata.finalizers:
            for each in view.state.dependents(item):
                kept = tuple(
                    owner for owner in each.metadata.owner_references if not _means(view.state, each, owner, item)
                )
                yield Update(_with_owners(each, kept), f"garbage collector: orphaned by {item.ref}")
            yield from _without_finalizer(item, ORPHAN)


def _left(state: State, item: KubeObject) -> Iterator[Ref]:
    """Dependents of what is gone, and the owners that wait for it."""
    yield from (each.ref for each in state.dependents(item))
    for reference in item.metadata.owner_references:
        owner = _owner(state, item, reference)
        if owner is not None and owner.metadata.finalizers and FOREGROUND in owner.metadata.finalizers:
            yield owner.ref


def _collect(state: State, item: KubeObject) -> Iterable[Action]:
    solid: list[OwnerReference] = []
    waiting: list[OwnerReference] = []
    dangling: list[OwnerReference] = []
    for reference in item.metadata.owner_references:
        owner = _owner(state, item, reference)
        if owner is None:
            (dangling if _is_absent(state, item, reference) else solid).append(reference)
        elif owner.metadata.deletion_timestamp is not None and FOREGROUND in owner.metadata.finalizers:
            waiting.append(reference)
        else:
            solid.append(reference)
    if not waiting and not dangling:
        return
    first = (*dangling, *waiting)[0]
    why = f"garbage collector: {first.kind} {first.name} {'is gone' if dangling else 'waits for it'}"
    if solid:
        yield Update(_with_owners(item, tuple(solid)), why)
        return
    dependents = state.dependents(item) if waiting else ()
    if dependents:
        if any(_is_waiting(each) for each in dependents):
            unblocked = (replace(owner, block_owner_deletion=False) for owner in item.metadata.owner_references)
            item = _with_owners(item, tuple(unblocked))
        finalizers = tuple(dict.fromkeys((*item.metadata.finalizers, FOREGROUND)))
        yield Update(replace(item, metadata=replace(item.metadata, finalizers=finalizers)), why)
    yield Delete(item.ref, why)


def _with_dependents(state: State, item: KubeObject) -> Iterable[Action]:
    """Its dependents are looked at while it waits for them, those that do not block it, too; then what they do decides whether it still waits."""
    waiting = [each for each in state.dependents(item) if each.metadata.deletion_timestamp is None]
    # All at once, as the collector's workers do: none sees yet what becomes of another.
    yield from [action for each in waiting for action in _collect(state, each)]
    blocked = any(
        owner.block_owner_deletion and _means(state, each, owner, item)
        for each in state.dependents(item)
        for owner in each.metadata.owner_references
    )
    if not blocked:
        yield from _without_finalizer(state.find(item.ref) or item, FOREGROUND)


def _without_finalizer(item: KubeObject, finalizer: str) -> Iterable[Action]:
    kept = tuple(each for each in item.metadata.finalizers if each != finalizer)
    yield Update(
        replace(item, metadata=replace(item.metadata, finalizers=kept)), f"garbage collector: {finalizer} is done"
    )
    if not kept:
        yield Delete(item.ref, f"garbage collector: {finalizer} is done", force=True)


def _is_waiting(item: KubeObject) -> bool:
    return item.metadata.deletion_timestamp is not None and FOREGROUND in item.metadata.finalizers


def _with_owners(item: KubeObject, owners: tuple[OwnerReference, ...]) -> KubeObject:
    return replace(item, metadata=replace(item.metadata, owner_references=owners))


def _owner(state: State, item: KubeObject, reference: OwnerReference) -> KubeObject | None:
    """An owner of another uid is another object; one in another namespace is none."""
    for ref in owner_places(item, reference):
        found = state.find(ref)
        if found is not None and (not reference.uid or not found.metadata.uid or found.metadata.uid == reference.uid):
            return found
    return None


def _is_absent(state: State, item: KubeObject, reference: OwnerReference) -> bool:
    """Known not to exist. What was never read may exist, and the owner of a cluster-scoped object must not have a namespace: such a reference is an error, and collects nothing."""
    places = owner_places(item, reference)
    if not item.namespace and reference.kind in NAMESPACED:
        return False
    return all(state.find(ref) is not None or state.is_absent(ref) for ref in places)


def _means(state: State, item: KubeObject, reference: OwnerReference, owner: KubeObject) -> bool:
    found = _owner(state, item, reference)
    return found is not None and found.ref == owner.ref
