"""From evidence to ranked root causes.

1. Every leaf proposes candidates from its own evidence. 2. A candidate that another one explains goes under it. 3. The rest are ranked by how sure they are, how many of the
visible symptoms they explain, whether their evidence still holds, and whether their object changed lately. `docs/explanation/diagnosis.md` tells why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from seakeep.contract.cause import POSSIBLE, CauseLeaf
from seakeep.engine.causal import CausalGraph
from seakeep.engine.questions import is_asked_about, questions
from seakeep.facts.asked_about import asked_about
from seakeep.facts.calls.calls import calls
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_agents import cni_troubles, proxy_troubles
from seakeep.facts.owners.ownership import owner_chain, workload_of
from seakeep.facts.symptoms import symptoms
from seakeep.facts.workloads.change import last_change
from seakeep.model.cause import Candidate, Cause, Diagnosis
from seakeep.model.finding import Severity
from seakeep.model.objects import Pod
from seakeep.model.refs import UNNAMED, Ref

# What `criticality` says of a service that is waived.
WAIVED = "waived"
# A change within this time before the snapshot makes its object a likelier culprit.
RECENT_CHANGE = timedelta(hours=1)


# Both are proven of one object, and the first says why the second happens.
_TELLS_WHY = frozenset(
    {
        ("app-config-error", "dependency-unavailable"),
        ("heap-exceeds-limit", "oom-killed"),
        ("limits-mutated", "oom-killed"),
    }
)


# Where it was told for certain, and nothing was called in vain, no dependency is behind it: a variable that is not set stays so when the database is back.
_OF_ITS_OWN = "app-config-error"

# What a node lacks because the pod of a DaemonSet that makes its network does not run there.
_BY_AGENT = frozenset({"cni-not-ready", "kube-proxy-down"})


class Weights(Struct, frozen=True):
    """How much each consideration moves a candidate's rank; all are factors on its confidence."""

    stale: float = 0.35  # no piece of evidence is known to hold now
    latent: float = 0.72  # explains no visible symptom
    per_symptom: float = 0.06  # each doubling of the symptoms explained
    row_alone: float = (
        0.6  # a generic cause of which a table's row is all that was seen, while something else was asked about
    )
    recent_change: float = 1.08
    asked_about: float = 1.25  # somebody described it, took its manifest or read its log, where most was only listed
    generic: float = 0.6  # names a symptom rather than a cause
    minor: float = 0.7  # the leaf itself says that it is a warning or less


def diagnose(
    index: Index,
    leaves: Sequence[CauseLeaf],
    consumers: Mapping[Ref, Sequence[Ref]],
    criticality: Mapping[Ref, str] | None = None,
    weights: Weights | None = None,
) -> Diagnosis:
    """Deterministic; the order of the leaves does not matter. `criticality` is that of the service that a workload belongs to, or WAIVED."""
    weights = weights or Weights()
    levels = criticality or {}
    proposals, skipped = _propose(index, leaves)
    graph = CausalGraph(index, consumers)
    visible = symptoms(index)
    generic = {leaf.id for leaf in leaves if leaf.generic}
    elsewhere = {leaf.id for leaf in leaves if leaf.elsewhere}
    minor = {leaf.id for leaf in leaves if leaf.severity in {Severity.INFO, Severity.WARNING}}
    unwell = frozenset(item.object for item in visible)
    in_vain = {call.workload for call in calls(index) if call.failed}
    agents = {item.daemon_set for item in (*cni_troubles(index), *proxy_troubles(index))}
    judged = [
        _Judged.of(index, graph, unwell, candidate, weights, generic, elsewhere, minor, agents, in_vain)
        for candidate in proposals
    ]
    judged.sort(key=lambda item: _order(item, levels))
    parents = _parents(judged)
    tops = [position for position in range(len(judged)) if position not in parents]
    causes = tuple(
        _cause(rank, position, judged, parents, levels, minor) for rank, position in enumerate(tops, start=1)
    )
    explained = {ref for item in judged for ref in item.explains}
    broken = {ref for item in judged if item.current and item.candidate.confidence >= POSSIBLE for ref in item.reach}
    # A check that fails because of what is wrong at its target says nothing of the place that it was made from.
    left = [item for item in visible if item.object not in explained and item.target not in broken]
    unexplained = tuple(sorted(left, key=lambda item: not is_asked_about(index, item.object)))
    answered = any(item.current and item.candidate.confidence > POSSIBLE for item in judged)
    open_ = questions(
        index, [judged[position].candidate for position in tops], unexplained, explained, answered=answered
    )
    return Diagnosis(causes, unexplained, open_, skipped)


def _propose(index: Index, leaves: Sequence[CauseLeaf]) -> tuple[list[Candidate], tuple[tuple[str, str], ...]]:
    found: dict[tuple[str, Ref], Candidate] = {}
    skipped: list[tuple[str, str]] = []
    refused = {item.kind: item.reason for item in index.snapshot.unread}
    for leaf in sorted(leaves, key=lambda leaf: leaf.id):
        kinds = [kind.__name__ for kind in leaf.reads]
        if (
            kinds
            and not any(kind in index.snapshot.objects for kind in kinds)
            and any(kind in refused for kind in kinds)
        ):
            skipped.append((leaf.id, f"could not read {', '.join(kind for kind in kinds if kind in refused)}"))
            continue
        try:
            for candidate in leaf.find(index):
                key = (candidate.id, candidate.object)
                found[key] = _merged(found[key], candidate) if key in found else candidate
        except Exception as error:  # noqa: BLE001 - one leaf's defect must not cost the user the other leaves' answers
            skipped.append((leaf.id, f"failed: {type(error).__name__}"))
    return [found[key] for key in sorted(found)], tuple(skipped)


def _merged(first: Candidate, second: Candidate) -> Candidate:
    stronger = max(first, second, key=lambda item: item.confidence)
    return replace(
        stronger,
        evidence=tuple(dict.fromkeys((*first.evidence, *second.evidence))),
        affects=tuple(dict.fromkeys((*first.affects, *second.affects))),
    )


class _Judged(Struct, frozen=True):
    candidate: Candidate
    generic: bool
    elsewhere: bool
    of_its_own: bool  # no dependency is behind it
    agent: bool  # its culprit is a DaemonSet that makes the nodes' network
    current: bool
    reach: Mapping[Ref, int]
    workloads: frozenset[Ref]  # of the pods that are its culprit or affected
    explains: frozenset[Ref]
    score: float
    reasons: tuple[str, ...]

    @classmethod
    def of(
        cls,
        index: Index,
        graph: CausalGraph,
        visible: frozenset[Ref],
        candidate: Candidate,
        weights: Weights,
        generic: set[str],
        elsewhere: set[str],
        minor: set[str],
        agents: set[Ref],
        in_vain: set[Ref],
    ) -> _Judged:
        reach = (
            dict.fromkeys(candidate.affects, 0)
            if candidate.contained
            else graph.downstream((candidate.object, *candidate.affects))
        )
        related = set(_related(index, candidate))
        explains = frozenset(ref for ref in (*reach, *related) if ref in visible)
        current = any(item.current for item in candidate.evidence)
        reasons: list[str] = [f"confidence {candidate.confidence:.2f}"]
        score = candidate.confidence
        if not current:
            score *= weights.stale
            reasons.append("evidence is old")
        if explains:
            score *= 1 + weights.per_symptom * math.log2(len(explains))
            reasons.append(f"explains {len(explains)} unwell object{'s' if len(explains) > 1 else ''}")
        else:
            score *= weights.latent
            reasons.append("nothing visible suffers yet")
        changed = last_change(index, candidate.object)
        if changed and timedelta(0) <= index.now - changed <= RECENT_CHANGE:
            score *= weights.recent_change
            reasons.append("changed within the last hour")
        if any(ref in asked_about(index) for ref in (candidate.object, *candidate.affects)):
            score *= weights.asked_about
            reasons.append("was asked about by name")
        elif candidate.id in generic and asked_about(index):
            score *= weights.row_alone
        if candidate.id in generic:
            score *= weights.generic
        if candidate.id in minor:
            score *= weights.minor
        workloads = frozenset(_workloads(index, candidate))
        return cls(
            candidate,
            candidate.id in generic,
            candidate.id in elsewhere,
            candidate.id == _OF_ITS_OWN and candidate.confidence > POSSIBLE and candidate.object not in in_vain,
            candidate.object in agents,
            current,
            reach,
            workloads,
            explains,
            score,
            tuple(reasons),
        )


def _related(index: Index, candidate: Candidate) -> Iterable[Ref]:
    """The controllers of affected pods: a symptom may be shown on either."""
    for ref in candidate.affects:
        pod = index.snapshot.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
        if pod:
            yield from owner_chain(index, pod)


def _parents(judged: Sequence[_Judged]) -> dict[int, int]:
    """Position of a candidate → position of the one that explains it best. Acyclic: a parent is never among its own descendants."""
    parents: dict[int, int] = {}
    able = [(position, item) for position, item in enumerate(judged) if _can_explain(item)]
    for position, item in enumerate(judged):
        best: int | None = None
        for other, judge in able:
            if other == position or not _explains(judge, item):
                continue
            if _is_descendant(parents, other, position):
                continue
            if best is None or judge.score > judged[best].score:
                best = other
        if best is not None:
            parents[position] = best
    return parents


def _order(item: _Judged, levels: Mapping[Ref, str]) -> tuple[object, ...]:
    """Of two that are as sure, the one that is named comes first."""
    about = item.candidate.object
    return (_is_waived(item, levels), -item.score, item.candidate.id, about.name == UNNAMED, about)


def _is_descendant(parents: Mapping[int, int], position: int, ancestor: int) -> bool:
    while position in parents:
        position = parents[position]
        if position == ancestor:
            return True
    return False


def _can_explain(cause: _Judged) -> bool:
    return cause.current and cause.candidate.confidence >= POSSIBLE


def _explains(cause: _Judged, effect: _Judged) -> bool:
    """Whether `cause`, which can explain others, makes `effect` superfluous as an answer of its own."""
    one, two = cause.candidate, effect.candidate
    if cause.generic:
        # Only what it says itself that it keeps waiting: a Job that failed, and those who wait for what it does.
        says = one.object != two.object and bool(two.affects) and set(two.affects) <= set(one.affects)
        return says and effect.generic and one.confidence >= two.confidence
    same_object = one.object == two.object or _shares_workload(cause, effect)
    if effect.generic:
        return same_object or _reaches(cause, effect)
    if effect.elsewhere and not cause.elsewhere:
        broke = two.object in cause.workloads  # a full volume is why the database behind it does not answer
        relied = not effect.of_its_own and _reaches(cause, effect)
        return (one.object == two.object and one.id != two.id) or broke or relied
    if (one.id, two.id) in _TELLS_WHY and one.object == two.object:
        return True
    if cause.agent and two.id in _BY_AGENT and one.confidence > POSSIBLE and one.object in effect.workloads:
        return one.object != two.object
    if effect.elsewhere and cause.elsewhere:
        # A mere possibility swallows nothing that is surer.
        surer = one.confidence >= two.confidence and not effect.of_its_own
        return surer and one.object != two.object and _reaches(cause, effect) and one.object not in effect.reach
    if two.confidence <= POSSIBLE < one.confidence:
        return same_object or (two.object.kind in {"Pod", "Service", "Namespace"} and _reaches(cause, effect))
    return False


def _reaches(cause: _Judged, effect: _Judged) -> bool:
    """The effect's object, or everything that it affects, relies on what the cause broke."""
    two = effect.candidate
    distance = cause.reach.get(two.object)
    if distance is not None:
        return True
    return bool(two.affects) and all(ref in cause.reach for ref in two.affects)


def _shares_workload(cause: _Judged, effect: _Judged) -> bool:
    one, two = cause.candidate, effect.candidate
    if one.object in two.affects or two.object in one.affects:
        return True
    return one.object in effect.workloads or two.object in cause.workloads


def _workloads(index: Index, candidate: Candidate) -> Iterable[Ref]:
    for ref in (candidate.object, *candidate.affects):
        pod = index.snapshot.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
        if pod:
            yield workload_of(index, pod)


def _cause(
    rank: int,
    position: int,
    judged: Sequence[_Judged],
    parents: Mapping[int, int],
    criticality: Mapping[Ref, str],
    minor: set[str],
) -> Cause:
    item = judged[position]
    below = tuple(
        _cause(0, child, judged, parents, criticality, minor)
        for child, parent in sorted(parents.items())
        if parent == position
    )
    explains = sorted({*item.explains, *(ref for cause in below for ref in cause.explains)})
    return Cause(
        rank=rank,
        candidate=item.candidate,
        severity=_severity(item, explains, criticality, minor),
        explains=tuple(explains),
        consequences=below,
        score=round(item.score, 4),
        reasons=item.reasons,
    )


def _is_waived(item: _Judged, criticality: Mapping[Ref, str]) -> bool:
    """Everything of the platform that it concerns is waived."""
    touched = {item.candidate.object, *item.candidate.affects, *item.explains}
    levels = {criticality[ref] for ref in touched if ref in criticality}
    return levels == {WAIVED}


def _severity(item: _Judged, explains: Sequence[Ref], criticality: Mapping[Ref, str], minor: set[str]) -> str:
    """Critical: a current cause that holds down a critical service. Error: visible symptoms. Warning: a weakness, or old evidence. Info: only a hint, or what is waived."""
    touched = {item.candidate.object, *item.candidate.affects, *explains}
    if not item.current or item.candidate.confidence < POSSIBLE or _is_waived(item, criticality):
        return Severity.INFO.value
    if item.candidate.id in minor or not explains:
        return Severity.WARNING.value
    if any(criticality.get(ref) == "critical" for ref in touched):
        return Severity.CRITICAL.value
    return Severity.ERROR.value
