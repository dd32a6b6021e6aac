"""Pods of one ReplicaSet, and those that take the place of one of a StatefulSet, are admitted alike: what admission made of the first of them serves for the others, until something changes that it looked at."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import KubeObject, Pod
from seakeep.twin.state import Admitted, State

_MOST = 4096
_SHARING = frozenset({"ReplicaSet", "StatefulSet"})


def key_of(new: KubeObject) -> Admitted | None:
    """None for what is not made from a template that it shares with others."""
    metadata = new.metadata
    owners = metadata.owner_references
    if not isinstance(new, Pod) or len(owners) != 1 or owners[0].kind not in _SHARING or not metadata.generate_name:
        return None
    return (metadata.namespace, metadata.generate_name, id(new.spec), id(metadata.labels), id(metadata.annotations))


def known(state: State, key: Admitted, new: Pod) -> Pod | None:
    """The pod as it would be admitted; None where none of its template has been."""
    found = state.admitted.get(key)
    if found is None:
        return None
    first = found[1]
    metadata = replace(new.metadata, generation=1, annotations=first.metadata.annotations)
    return replace(new, metadata=metadata, spec=first.spec, status=first.status)


def remember(state: State, key: Admitted, new: Pod, admitted: Pod) -> None:
    """`new` is held with it, so that nothing else gets the ids of its parts."""
    if len(state.admitted) >= _MOST:
        state.admitted = {}
    state.admitted[key] = (new, admitted)
