"""Evictions that were refused for a budget that nobody showed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.model.objects import Event, PodDisruptionBudget
from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED, Ref

# What the eviction API adds where it is asked to (kubectl prints the first sentence alone).
_NAMED = late(r"disruption budget (?P<name>[a-z0-9][\w.-]*) needs")


class RefusedEviction(Struct, frozen=True):
    """`budget` has the name that the refusal tells, or one that stands for none."""

    budget: Ref
    events: tuple[Event, ...]


def refused_for_unseen(index: Index) -> Iterator[RefusedEviction]:
    """By namespace. Where budgets of the namespace were shown, they are judged themselves."""
    shown = {pdb.namespace for pdb in index.snapshot.all(PodDisruptionBudget)}
    found: dict[Ref, list[Event]] = {}
    for event in index.events_with("FailedEviction"):
        place = event.about.namespace
        if (
            event.about.kind != "Pod"
            or "disruption budget" not in event.text
            or place in shown
            or index.snapshot.lists_all("PodDisruptionBudget", place)
            or not is_recent(index, event.last_seen)
        ):
            continue
        named = _NAMED.search(event.text)
        ref = Ref("PodDisruptionBudget", place, named["name"] if named else UNNAMED)
        found.setdefault(ref, []).append(event)
    for ref in sorted(found):
        yield RefusedEviction(ref, tuple(found[ref]))
