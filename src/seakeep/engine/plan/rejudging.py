"""Scores after a change of a platform that was judged before: only what the change can matter to is judged anew.

What a rule read is noted when it judges the platform as it was: kinds of objects, and the clock. Where none of that differs afterwards, its answer is the same. A rule that asks
one question of each pod template is asked of those alone that differ, as long as its own question reads nothing else that does; one that goes by the workload `alone`, of those whose
pods differ too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter

from msgspec import Struct

from seakeep.contract.hardening import HardeningLeaf
from seakeep.contract.template_rule import AsksEach
from seakeep.engine.evaluate import evaluate
from seakeep.engine.plan.changed import Before, Changed, Recognise
from seakeep.engine.plan.noting import ALL, Objects, kinds_read
from seakeep.engine.score import criticalities, hardening_parts, health, running, value_of
from seakeep.facts.index import Index
from seakeep.facts.once import know
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.model.finding import Finding
from seakeep.model.plan import Outcome
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.score import Part
from seakeep.model.snapshot import Snapshot

# What a workload consists of.
_OWN = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"})


def outcome_of(platform: Platform, scores: Mapping[str, float | None]) -> Outcome:
    """With the pods of each service that is meant to run."""
    return Outcome(
        scores, {item.id: (item.ready, item.intended) for item in platform.services if item.state != "waived"}
    )


class _Rule(Struct, frozen=True):
    """A rule's answer of the platform as it was, and what it read. Where it asks `each` pod template one question, `read` is what the question reads besides."""

    leaf: HardeningLeaf
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    read: frozenset[str]
    each: AsksEach | None


class Rejudging:
    """`infer` finds the platform; `part_of` is all that it is made of that lies with one workload."""

    def __init__(
        self,
        snapshot: Snapshot,
        leaves: Sequence[HardeningLeaf],
        infer: Callable[[Index], Platform],
        part_of: Callable[[Index, Ref], object],
        recognise: Recognise,
    ) -> None:
        self._before = Before(snapshot, recognise)
        self._infer, self._part_of = infer, part_of
        self._part_before = cache(lambda ref: part_of(self._before.index, ref))
        index = self._before.noting()
        self._platform = infer(index)
        self._platform_read = kinds_read(index)
        self._matters = criticalities(self._platform)
        self._rules = [self._judged(leaf) for leaf in leaves]

    def outcome(self, objects: Objects, now: datetime | None) -> Outcome:
        """Of the platform with these objects instead."""
        changed = Changed(self._before, objects, now)
        platform = self._platform if self._is_same_platform(changed) else self._infer(changed.index)
        matters = self._matters if platform is self._platform else criticalities(platform)
        parts = [part for rule in self._rules for part in self._parts(rule, changed, matters)]
        scores = {"health": health(platform).value, "running": running(platform).value, "hardening": value_of(parts)}
        return outcome_of(platform, scores)

    def findings(self, objects: Objects, now: datetime | None) -> Sequence[Finding]:
        """What the scores of `outcome` are made of: of findings that are the same but for their words, those of before may be given."""
        changed = Changed(self._before, objects, now)
        return [item for rule in self._rules for item in self._findings(rule, changed)]

    def _is_same_platform(self, changed: Changed) -> bool:
        if not changed.touches(self._platform_read):
            return True
        if ALL in self._platform_read or changed.touches(self._platform_read - _OWN):
            return False
        return all(self._part_of(changed.index, ref) == self._part_before(ref) for ref in changed.moved)

    def _judged(self, leaf: HardeningLeaf) -> _Rule:
        """On an index of its own, so that what others asked before is not missed."""
        each, index = leaf.judge if isinstance(leaf.judge, AsksEach) else None, self._before.noting()
        if each:
            know(index, judged_templates, tuple(self._before.entries.values()))
            index.traits = self._before.index.traits
        findings = evaluate(index, (leaf,))
        if any(item.object.kind == "Cluster" for item in findings):
            each = None  # it failed, or could not be asked
        return _Rule(leaf, findings, hardening_parts(findings, self._matters), kinds_read(index), each)

    def _parts(self, rule: _Rule, changed: Changed, matters: Mapping[Ref, str]) -> Sequence[Part]:
        findings = self._findings(rule, changed)
        same = findings == rule.findings and matters == self._matters
        return rule.parts if same else hardening_parts(findings, matters)

    def _findings(self, rule: _Rule, changed: Changed) -> Sequence[Finding]:
        read, templates_moved = rule.read, changed.touches(self._before.templates_read)
        if rule.each is not None and rule.each.alone:
            read -= _OWN
        if changed.touches(read) or (rule.each and templates_moved and not (rule.each.alone or changed.knows_alike)):
            return evaluate(changed.index, (rule.leaf,))
        if rule.each is None or not templates_moved:
            return rule.findings
        if rule.each.alone:
            return _renewed(rule, rule.each, changed, changed.moved_templates, changed.moved)
        return _renewed(rule, rule.each, changed, changed.fresh, changed.gone)


def _renewed(
    rule: _Rule, each: AsksEach, changed: Changed, some: Sequence[Judged], gone: Collection[Ref]
) -> Sequence[Finding]:
    """With `some` templates asked anew, in place of what was said of those `gone`."""
    try:
        anew = each.some(changed.index, some)
    except Exception:  # noqa: BLE001 - as a rule that fails is told of
        return evaluate(changed.index, (rule.leaf,))
    kept = [item for item in rule.findings if item.object not in gone]
    old = [item for item in rule.findings if item.object in gone]
    return rule.findings if sorted(map(_counted, old)) == sorted(map(_counted, anew)) else (*kept, *anew)


# Of a finding, what scores are made of.
_counted = attrgetter("object", "severity", "outcome")
