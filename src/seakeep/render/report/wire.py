"""From the model to the types of the JSON contract. `docs/reference/json.md` describes each field."""

from __future__ import annotations

from typing import Any, cast

from msgspec import UNSET

from seakeep.model.cause import Candidate, Cause, Diagnosis, Evidence
from seakeep.model.change import Change
from seakeep.model.finding import Finding
from seakeep.model.platform import Platform, ServiceState
from seakeep.model.refs import UNNAMED, Ref
from seakeep.model.report import Report, SnapshotSummary
from seakeep.model.score import Score
from seakeep.render.report import types as wire


def report(value: Report) -> wire.Report:
    """`seakeep check`."""
    scores, naive = value.scores, value.scores.naive
    return wire.Report(
        snapshot=snapshot_of(value.snapshot),
        scores=wire.Scores(
            score_of(scores.running),
            score_of(scores.health),
            score_of(scores.hardening),
            score_of(scores.survival) if scores.survival else None,
        ),
        naive=wire.Naive(naive.running, naive.total, naive.percent),
        targets=[
            wire.Target(item.score, item.wanted, item.value, item.met, item.day or None) for item in value.targets
        ],
        services=[_service(item) for item in value.platform.services],
        dependencies=_dependencies(value.platform),
        findings=[_finding(item) for item in value.findings],
        **_diagnosis(value.diagnosis),
    )


def diagnosis(value: Diagnosis, summary: SnapshotSummary) -> wire.Diagnosis:
    """`seakeep diagnose`."""
    return wire.Diagnosis(snapshot=snapshot_of(summary), **_diagnosis(value))


def services(value: Report) -> wire.Services:
    """`seakeep services`."""
    return wire.Services(
        snapshot=snapshot_of(value.snapshot),
        services=[_service(item) for item in value.platform.services],
        dependencies=_dependencies(value.platform),
    )


def _diagnosis(value: Diagnosis) -> dict[str, Any]:
    return {
        "causes": [_cause(item) for item in value.causes],
        "unexplained": [wire.Symptom(object_ref(item.object), item.text) for item in value.unexplained],
        "insufficient": [wire.Question(item.question, item.lookup) for item in value.insufficient],
        "skipped": [wire.Skipped(leaf, reason) for leaf, reason in value.skipped],
    }


def object_ref(ref: Ref) -> wire.ObjectRef:
    return wire.ObjectRef(ref.kind, ref.namespace, None if ref.name == UNNAMED else ref.name)


def snapshot_of(value: SnapshotSummary) -> wire.SnapshotSummary:
    return wire.SnapshotSummary(
        source=value.source,
        taken_at=value.taken_at,
        server_version=value.server_version or None,
        objects=value.objects,
        pods=value.pods,
        intent_only=value.intent_only,
        unread=[wire.Unread(item.kind, item.namespace, item.reason) for item in value.unread],
    )


def score_of(value: Score) -> wire.Score:
    parts = [
        wire.Part(part.name, part.object, part.weight, part.got, part.of, part.note or None) for part in value.parts
    ]
    return wire.Score(value.value, value.formula, value.coverage, value.note or None, parts)


def _service(value: ServiceState) -> wire.Service:
    waiver = value.waiver
    return wire.Service(
        id=value.id,
        profile=value.profile or None,
        name=value.name,
        namespace=value.namespace,
        criticality=cast("wire.Criticality", value.criticality),
        ready=value.ready,
        intended=value.intended,
        fulfilled=round(value.fulfilled, 4) if value.fulfilled is not None else None,
        state=cast("wire.State", value.state),
        workloads=[object_ref(ref) for ref in value.workloads],
        note=value.note or None,
        waiver=wire.Waiver(waiver.reason, waiver.owner, waiver.expires.isoformat()) if waiver else UNSET,
    )


def _dependencies(value: Platform) -> list[wire.Dependency]:
    return [
        wire.Dependency(item.source, item.target, item.via, object_ref(item.evidence), item.broken)
        for item in value.dependencies
    ]


def _finding(value: Finding) -> wire.Finding:
    return wire.Finding(
        value.rule,
        object_ref(value.object),
        value.outcome.value,
        value.severity.value,
        value.detail,
        value.path,
        value.repair,
    )


def _evidence(value: Evidence) -> wire.Evidence:
    return wire.Evidence(object_ref(value.object), value.path, value.value, value.time, value.current)


def _repair(value: Candidate) -> wire.Repair:
    change = value.repair.change
    return wire.Repair(
        value.repair.summary,
        _change(change) if change else UNSET,
    )


def _change(value: Change) -> wire.Change:
    return wire.Change(object_ref(value.target), dict(value.patch), list(value.remove), value.risk.value, value.why)


def _cause(value: Cause) -> wire.Cause:
    item = value.candidate
    return wire.Cause(
        rank=value.rank,
        id=item.id,
        confidence=item.confidence,
        certainty=cast("Any", item.certainty),
        severity=cast("wire.Severity", value.severity),
        score=value.score,
        object=object_ref(item.object),
        summary=item.summary,
        evidence=[_evidence(piece) for piece in item.evidence],
        affects=[object_ref(ref) for ref in item.affects],
        explains=[object_ref(ref) for ref in value.explains],
        repair=_repair(item),
        consequences=[_cause(child) for child in value.consequences],
        ranking=list(value.reasons),
        settled_by=item.settled_by or UNSET,
    )
