"""A platform after a change, with the answers that it shares with the platform before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Protocol

from msgspec.structs import replace

from seakeep.engine.plan.noting import NOW, Noted, Noting, Objects, kinds_read, touches
from seakeep.facts.autoscaling.autoscaled import autoscalers_of
from seakeep.facts.index import Index
from seakeep.facts.once import know
from seakeep.facts.owners.ownership import know_owners
from seakeep.facts.routing.addresses import addresses, addresses_after
from seakeep.facts.workloads.podspecs import Judged, judged_after, judged_templates
from seakeep.facts.workloads.templates import known_templates, moved, templates_after
from seakeep.model.objects import ConfigMap
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.model.traits import Traits


class Recognise(Protocol):
    """Tells what is known of workloads; `after`: where `before` knows it of all but the `moved`."""

    def __call__(self, index: Index) -> Mapping[Ref, Traits]: ...

    def after(self, index: Index, before: Index, moved: Collection[Ref]) -> Mapping[Ref, Traits]: ...


class Before:
    """The platform as it was."""

    def __init__(self, snapshot: Snapshot, recognise: Recognise) -> None:
        self.snapshot, self.recognise = snapshot, recognise
        self.index = Index(snapshot, recognise)
        self.entries = {entry.ref: entry for entry in judged_templates(self.index)}
        index = self.noting()
        judged_templates(index), index.traits  # For what they read.
        self.templates_read = kinds_read(index)
        index = self.noting()
        autoscalers_of(index)
        self.scaling_read = kinds_read(index)

    def noting(self) -> Noting:
        return Noting(replace(self.snapshot, objects=Noted(self.snapshot.objects)), self.recognise)


class Changed:
    """`kinds` of which any object changed, and the `moved` workloads: they, their pods or what is above them did."""

    def __init__(self, before: Before, objects: Objects, now: datetime | None) -> None:
        self.before = before
        refs = frozenset(_differences(before.snapshot.objects, objects))
        clock = {NOW} if now != before.snapshot.taken_at else set()
        self.kinds = frozenset({ref.kind for ref in refs} | clock)
        self.index = index = Index(replace(before.snapshot, objects=objects, taken_at=now), before.recognise)
        know_owners(index, before.index, refs)
        self.moved = moved(index, before.index, refs)
        self._share(index, before.index)

    def _share(self, index: Index, known: Index) -> None:
        """What the two have in common is not worked out again."""
        same = not self.touches(self.before.templates_read)
        know(index, known_templates, known_templates(known) if same else templates_after(index, known, self.moved))
        if same or not self.touches(self.before.scaling_read):
            know(index, judged_templates, judged_templates(known) if same else judged_after(index, known, self.moved))
        index.traits = known.traits if same else self.before.recognise.after(index, known, self.moved)
        if ConfigMap.__name__ not in self.kinds:
            know(index, addresses, addresses(known) if same else addresses_after(index, known))

    def touches(self, read: frozenset[str]) -> bool:
        return touches(read, self.kinds)

    @cached_property
    def _now(self) -> Mapping[Ref, Judged]:
        return {entry.ref: entry for entry in judged_templates(self.index)}

    @cached_property
    def fresh(self) -> tuple[Judged, ...]:
        """Templates that are new or not as they were."""
        old = self.before.entries
        return tuple(entry for ref, entry in self._now.items() if not _is_same(entry, old.get(ref)))

    @cached_property
    def gone(self) -> frozenset[Ref]:
        """Of those that were there before, what is not there now, or not the same."""
        return frozenset(ref for ref, entry in self.before.entries.items() if not _is_same(entry, self._now.get(ref)))

    @cached_property
    def moved_templates(self) -> tuple[Judged, ...]:
        return tuple(entry for ref, entry in self._now.items() if ref in self.moved)

    @cached_property
    def knows_alike(self) -> bool:
        """Whether the same is known of each workload's service."""
        return self.index.traits == self.before.index.traits


def _differences(before: Objects, after: Objects) -> Collection[Ref]:
    found: list[Ref] = []
    for kind in before.keys() | after.keys():
        old, new = before.get(kind, {}), after.get(kind, {})
        if old == new:
            continue  # most kinds are, and this asks for the identity of each object first
        found += [Ref(kind, *key) for key, item in new.items() if old.get(key) is not item]
        found += [Ref(kind, *key) for key in old.keys() - new.keys()]
    return found


def _is_same(entry: Judged, other: Judged | None) -> bool:
    return entry is other or (
        other is not None
        and (entry.spec is other.spec or entry.spec == other.spec)
        and replace(entry, spec=other.spec) == other
    )
