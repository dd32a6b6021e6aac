"""Deployments that are as they are wanted, so that a look need only tell their status: until a specification or the metadata of one or of its ReplicaSets changes."""

from __future__ import annotations

from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from seakeep.model.objects import Deployment, ReplicaSet
from seakeep.model.refs import Ref
from seakeep.twin.controllers import deployment_status as status
from seakeep.twin.state import State


class Rest(Struct, frozen=True, gc=False):
    """The Deployment as a look left it, its old ReplicaSets and the new one, and up to where their changes were seen. One that is `calm` needs no other look until something changes."""

    item: Deployment
    old: tuple[ReplicaSet, ...]
    new: ReplicaSet
    mark: object
    calm: bool


def resting(state: State, ref: Ref, item: Deployment) -> Rest | None:
    """With its ReplicaSets as they are now; None where more than statuses has changed."""
    known = cast("Rest | None", state.note(ref))
    if (
        known is None
        or known.item.spec is not item.spec
        or known.item.metadata is not item.metadata
        or state.has_orphans(ReplicaSet, ref.namespace)
    ):
        return None
    mark = state.mark(ref)
    if mark is known.mark:
        return known if known.item is item else replace(known, item=item, calm=False)
    changed = state.changed_since(ref, known.mark)  # type: ignore[arg-type]
    fresh: dict[str, ReplicaSet] = {}
    for rs in (*known.old, known.new):
        if rs.metadata.name in changed:
            now = state.get(ReplicaSet, ref.namespace, rs.metadata.name)
            if now is None or now.spec is not rs.spec or now.metadata is not rs.metadata:
                return None
            fresh[now.metadata.name] = now
    if len(fresh) < len(changed):
        return None  # there is one more
    old = tuple([fresh.get(rs.metadata.name, rs) for rs in known.old])
    return Rest(item, old, fresh.get(known.new.metadata.name, known.new), mark, calm=False)


def remember(
    state: State, ref: Ref, item: Deployment, old: tuple[ReplicaSet, ...], new: ReplicaSet, mark: object
) -> None:
    """The Deployment as a look leaves it, unless a ReplicaSet has changed since."""
    if mark is not state.mark(ref):
        return
    told = item.status
    known = status.find(told, "Progressing") if told.replicas == told.updated_replicas else None
    calm = known is not None and known.reason == status.AVAILABLE and status.has_deadline(item)
    state.remember(ref, Rest(item, old, new, mark, calm))


def is_told(state: State, item: Deployment) -> bool:
    """No news: what the last look at a calm one made of it."""
    known = cast("Rest | None", state.note(item.ref))
    return known is not None and known.item is item and known.calm
