"""Scores after a change of a platform that was judged before: only what the change can matter to is judged anew.

What a rule read is noted when it judges the platform as it was: kinds of objects, and the clock. Where none of that differs afterwards, its answer is the same. A rule that asks
one question of each pod template is asked of those alone that differ, as long as its own question reads nothing else that does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from seakeep.contract.hardening import HardeningLeaf
from seakeep.engine.evaluate import evaluate
from seakeep.engine.score import criticalities, hardening_parts, health, running, value_of
from seakeep.facts.index import Index
from seakeep.facts.once import know
from seakeep.facts.owners.ownership import know_owners
from seakeep.facts.routing.addresses import addresses, addresses_after
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.facts.workloads.verdicts import AsksEach
from seakeep.model.finding import Finding
from seakeep.model.objects import ConfigMap, KubeObject
from seakeep.model.plan import Outcome
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.score import Part
from seakeep.model.snapshot import Snapshot

Objects = Mapping[str, Mapping[tuple[str, str], KubeObject]]
_ALL, _NOW = "*", "now"


def outcome_of(platform: Platform, scores: Mapping[str, float | None]) -> Outcome:
    """With the pods of each service that is meant to run."""
    return Outcome(
        scores, {item.id: (item.ready, item.intended) for item in platform.services if item.state != "waived"}
    )


class _Noted(dict[str, Mapping[tuple[str, str], KubeObject]]):
    """Notes which kinds are asked for."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects)
        self.read: set[str] = set()

    def get(self, kind: str, default: Any = None) -> Any:
        self.read.add(kind)
        return super().get(kind, default)

    def __getitem__(self, kind: str) -> Mapping[tuple[str, str], KubeObject]:
        self.read.add(kind)
        return super().__getitem__(kind)

    def __contains__(self, kind: object) -> bool:
        self.read.add(str(kind))
        return super().__contains__(kind)

    def __iter__(self) -> Iterator[str]:
        self.read.add(_ALL)
        return super().__iter__()

    def keys(self) -> Any:
        self.read.add(_ALL)
        return super().keys()

    def values(self) -> Any:
        self.read.add(_ALL)
        return super().values()

    def items(self) -> Any:
        self.read.add(_ALL)
        return super().items()


class _Noting(Index):
    """`now` is when the snapshot was taken, which is read without asking for objects."""

    @property
    def now(self) -> datetime:
        objects = self.snapshot.objects
        if isinstance(objects, _Noted):
            objects.read.add(_NOW)
        return super().now


class _Rule(Struct, frozen=True):
    """A rule's answer of the platform as it was, and what it read; `each`: it asks one question of each pod template, and `read` is what the question reads besides."""

    leaf: HardeningLeaf
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    read: frozenset[str]
    each: bool


class Rejudging:
    """`infer` finds the platform; `recognise` tells what is known of workloads."""

    def __init__(
        self,
        snapshot: Snapshot,
        leaves: Sequence[HardeningLeaf],
        infer: Callable[[Index], Platform],
        recognise: Callable[[Index], Any],
    ) -> None:
        self._snapshot, self._infer, self._recognise = snapshot, infer, recognise
        index = self._noting()
        self._platform = infer(index)
        self._platform_read = _read(index)
        self._matters = criticalities(self._platform)
        index = self._noting()
        judged_templates(index), index.traits  # For what they read.
        self._templates_read = _read(index)
        whole = Index(snapshot, recognise)
        self._entries, self._whole = {entry.ref: entry for entry in judged_templates(whole)}, whole
        self._rules = [self._judged(leaf) for leaf in leaves]

    def outcome(self, objects: Objects, now: datetime | None) -> Outcome:
        """Of the platform with these objects instead."""
        changed = self._changed(objects, now)
        index = Index(replace(self._snapshot, objects=objects, taken_at=now), self._recognise)
        know_owners(index, self._whole)
        moved = self._touches(self._platform_read, changed)
        if moved and ConfigMap.__name__ not in changed:
            know(index, addresses, addresses_after(index, self._whole))
        platform = self._infer(index) if moved else self._platform
        matters = self._matters if platform is self._platform else criticalities(platform)
        parts = [part for rule in self._rules for part in self._parts(rule, index, matters, changed)]
        scores = {"health": health(platform).value, "running": running(platform).value, "hardening": value_of(parts)}
        return outcome_of(platform, scores)

    def _noting(self) -> _Noting:
        return _Noting(replace(self._snapshot, objects=_Noted(self._snapshot.objects)), self._recognise)

    def _judged(self, leaf: HardeningLeaf) -> _Rule:
        """On an index of its own, so that what others asked before is not missed."""
        each, index = isinstance(leaf.judge, AsksEach), self._noting()
        if each:
            know(index, judged_templates, tuple(self._entries.values()))
            index.traits = self._whole.traits
        findings = evaluate(index, (leaf,))
        return _Rule(leaf, findings, hardening_parts(findings, self._matters), _read(index), each)

    def _parts(self, rule: _Rule, index: Index, matters: Mapping[Ref, str], changed: frozenset[str]) -> Sequence[Part]:
        findings = self._findings(rule, index, changed)
        same = findings is rule.findings and matters == self._matters
        return rule.parts if same else hardening_parts(findings, matters)

    def _findings(self, rule: _Rule, index: Index, changed: frozenset[str]) -> Sequence[Finding]:
        if self._touches(rule.read, changed) or (rule.each and not self._knows_alike(index, changed)):
            return evaluate(index, (rule.leaf,))
        if not rule.each or not self._touches(self._templates_read, changed):
            return rule.findings
        fresh, gone = self._different(index)
        if not fresh and not gone:
            return rule.findings
        part = Index(index.snapshot, self._recognise)
        part.traits = index.traits
        know(part, judged_templates, fresh)
        return (*(item for item in rule.findings if item.object not in gone), *evaluate(part, (rule.leaf,)))

    def _knows_alike(self, index: Index, changed: frozenset[str]) -> bool:
        """Whether the same is known of each workload's service."""
        return not self._touches(self._templates_read, changed) or index.traits == self._whole.traits

    def _different(self, index: Index) -> tuple[tuple[Judged, ...], frozenset[Ref]]:
        """Templates that are new or not as they were, and those that were there before and are not there now, or are not the same."""
        if _different not in index.answers:
            now = {entry.ref: entry for entry in judged_templates(index)}
            fresh = tuple(entry for ref, entry in now.items() if not _is_same(entry, self._entries.get(ref)))
            index.answers[_different] = fresh, frozenset(ref for ref, entry in self._entries.items() if not _is_same(entry, now.get(ref)))  # fmt: skip
        found: tuple[tuple[Judged, ...], frozenset[Ref]] = index.answers[_different]
        return found

    def _changed(self, objects: Objects, now: datetime | None) -> frozenset[str]:
        before = self._snapshot.objects
        kinds = {kind for kind in before.keys() | objects.keys() if not _are_same(before.get(kind), objects.get(kind))}
        return frozenset(kinds | ({_NOW} if now != self._snapshot.taken_at else set()))

    @staticmethod
    def _touches(read: frozenset[str], changed: frozenset[str]) -> bool:
        return bool(read & changed) or (_ALL in read and bool(changed))


_different = object()


def _read(index: Index) -> frozenset[str]:
    objects = index.snapshot.objects
    return frozenset(objects.read) if isinstance(objects, _Noted) else frozenset({_ALL})


def _are_same(
    old: Mapping[tuple[str, str], KubeObject] | None, new: Mapping[tuple[str, str], KubeObject] | None
) -> bool:
    if old is None or new is None or len(old) != len(new):
        return not old and not new
    return all(new.get(key) is item for key, item in old.items())


def _is_same(entry: Judged, other: Judged | None) -> bool:
    return other is not None and (entry.spec is other.spec or entry.spec == other.spec) and replace(entry, spec=other.spec) == other  # fmt: skip
