"""Scores. Each value is `100 x Σ weight x got / Σ weight x of` over its parts, so that anybody can recompute it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from seakeep.engine.platform import WEIGHT
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import status_column
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.platform import Platform, ServiceState
from seakeep.model.refs import Ref
from seakeep.model.score import Naive, Part, Score, Scores
from seakeep.model.snapshot import Depth

_RUNNING = "ready pods / intended pods"
_HEALTH = "Σ criticality × min(ready / intended, 1) / Σ criticality, over services"
_HARDENING = "Σ severity × criticality × passed / Σ severity × criticality × applicable, over rules and objects"

_JUDGED = frozenset({Outcome.PASS, Outcome.FAIL})
# Rule, severity, criticality of the object, outcome.
_Kind = tuple[str, Severity, str, Outcome]


def score(index: Index, platform: Platform, findings: Sequence[Finding]) -> Scores:
    """Unknown is None with a coverage below one, never 0 and never 100."""
    return Scores(running(platform), health(platform), hardening(findings, platform), naive(index))


def value_of(parts: Sequence[Part]) -> float | None:
    """The formula of every score; None where there is nothing to divide by."""
    whole = sum(part.weight * part.of for part in parts)
    return round(100 * sum(part.weight * part.got for part in parts) / whole, 1) if whole else None


def running(platform: Platform) -> Score:
    """Pods count once each; surplus ready pods of one service do not make up for another's."""
    counted, coverage = _counted(platform)
    parts = tuple(
        Part(item.id, item.namespace, 1, item.ready, item.intended, item.note)
        for item in counted
        if item.ready is not None and item.intended
    )
    return Score("running", value_of(parts), _RUNNING, parts, coverage, _waivers_note(platform))


def health(platform: Platform) -> Score:
    """A service that needs no pods now (a DaemonSet without nodes) is up, and counts as such."""
    counted, coverage = _counted(platform)
    parts = tuple(
        Part(item.id, item.namespace, item.weight, round(item.fulfilled, 6), 1, f"{item.criticality}, {item.state}")
        for item in counted
        if item.fulfilled is not None
    )
    return Score("health", value_of(parts), _HEALTH, parts, coverage, _waivers_note(platform))


def _counted(platform: Platform) -> tuple[list[ServiceState], float]:
    """Services that count: the waived do not, and the unknown cannot. Coverage is by weight."""
    applicable = [item for item in platform.services if item.state != "waived"]
    known = [item for item in applicable if item.state != "unknown"]
    whole = sum(item.weight for item in applicable)
    return known, round(sum(item.weight for item in known) / whole, 4) if whole else 0.0


def _waivers_note(platform: Platform) -> str:
    """Who is waived; and which waivers name nothing that was found, because a slip in a name would otherwise go unseen."""
    waived = sorted(item.name for item in platform.services if item.state == "waived")
    names = {name for item in platform.services for name in (item.id, item.name, item.profile)}
    stray = sorted({item.target for item in platform.intent.waivers} - names)
    return "; ".join(
        f"{label}: {', '.join(listed)}"
        for label, listed in (("waived", waived), ("waivers that name no service found", stray))
        if listed
    )


def hardening(findings: Sequence[Finding], platform: Platform) -> Score:
    """Skipped and failed-to-run checks are not passes: they lower the coverage."""
    counts = _counts(findings, criticalities(platform))
    parts = _parts(counts)
    checks: dict[str, list[int]] = {}
    for (rule, _, _, outcome), number in counts.items():
        count = checks.setdefault(rule, [0, 0])
        count[0] += number if outcome in _JUDGED else 0
        count[1] += number
    return Score("hardening", value_of(parts), _HARDENING, parts, _share(checks))


def criticalities(platform: Platform) -> dict[Ref, str]:
    """By workload."""
    return {ref: item.criticality for item in platform.services for ref in item.workloads}


def hardening_parts(findings: Sequence[Finding], criticality: Mapping[Ref, str]) -> tuple[Part, ...]:
    """One per rule, severity and criticality."""
    return _parts(_counts(findings, criticality))


def _counts(findings: Sequence[Finding], criticality: Mapping[Ref, str]) -> Mapping[_Kind, int]:
    matters = criticality.get
    return Counter((item.rule, item.severity, matters(item.object, "normal"), item.outcome) for item in findings)


def _parts(counts: Mapping[_Kind, int]) -> tuple[Part, ...]:
    totals: dict[tuple[str, str, float], list[int]] = {}
    for (rule, severity, matters, outcome), number in counts.items():
        if outcome not in _JUDGED:
            continue
        entry = totals.setdefault((rule, matters, severity.weight * WEIGHT[matters]), [0, 0])
        entry[0] += number if outcome is Outcome.PASS else 0
        entry[1] += number
    return tuple(
        Part(rule, "", weight, got, of, matters) for (rule, matters, weight), (got, of) in sorted(totals.items())
    )


def _share(checks: Mapping[str, Sequence[int]]) -> float:
    """The mean over rules, not over checks: a rule that could not run at all is one entry, and would vanish among another's thousands."""
    return round(sum(judged / whole for judged, whole in checks.values()) / len(checks), 4) if checks else 0.0


def naive(index: Index) -> Naive:
    """Pods whose STATUS is Running, of all pods."""
    pods = [pod for pod in index.pods if index.snapshot.depth(pod.ref) is not Depth.NAMED]
    if index.snapshot.intent_only:
        return Naive(0, 0)
    return Naive(sum(status_column(pod) == "Running" for pod in pods), len(pods))
