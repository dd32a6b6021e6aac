"""The JSON contract, `apiVersion: seakeep/v1`. Fields may be added, never renamed. `docs/reference/json.md` describes each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seakeep.model.cause import Cause, Diagnosis, Evidence
from seakeep.model.finding import Finding
from seakeep.model.platform import ServiceState
from seakeep.model.report import Report, SnapshotSummary
from seakeep.model.score import Score

API_VERSION = "seakeep/v1"


def report(value: Report) -> dict[str, Any]:
    """`seakeep check`."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Report",
        "snapshot": _snapshot(value.snapshot),
        "scores": {
            score.id: _score(score) for score in (value.scores.running, value.scores.health, value.scores.hardening)
        },
        "naive": {
            "running": value.scores.naive.running,
            "total": value.scores.naive.total,
            "percent": value.scores.naive.percent,
        },
        "targets": [
            {"score": item.score, "wanted": item.wanted, "value": item.value, "met": item.met, "day": item.day or None}
            for item in value.targets
        ],
        "services": [_service(item) for item in value.platform.services],
        "dependencies": [
            {
                "source": item.source,
                "target": item.target,
                "via": item.via,
                "object": item.evidence.to_json(),
                "broken": item.broken,
            }
            for item in value.platform.dependencies
        ],
        "findings": [_finding(item) for item in value.findings],
        **_diagnosis(value.diagnosis),
    }


def diagnosis(value: Diagnosis, summary: SnapshotSummary) -> dict[str, Any]:
    """`seakeep diagnose`."""
    return {"apiVersion": API_VERSION, "kind": "Diagnosis", "snapshot": _snapshot(summary), **_diagnosis(value)}


def _diagnosis(value: Diagnosis) -> dict[str, Any]:
    return {
        "causes": [_cause(item) for item in value.causes],
        "unexplained": [{"object": item.object.to_json(), "symptom": item.text} for item in value.unexplained],
        "insufficient": [{"question": item.question, "lookup": item.lookup} for item in value.insufficient],
        "skipped": [{"id": leaf, "reason": reason} for leaf, reason in value.skipped],
    }


def _time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def _snapshot(value: SnapshotSummary) -> dict[str, Any]:
    return {
        "source": value.source,
        "takenAt": _time(value.taken_at),
        "serverVersion": value.server_version or None,
        "objects": value.objects,
        "pods": value.pods,
        "intentOnly": value.intent_only,
        "unread": [{"kind": item.kind, "namespace": item.namespace, "reason": item.reason} for item in value.unread],
    }


def _score(value: Score) -> dict[str, Any]:
    return {
        "value": value.value,
        "formula": value.formula,
        "coverage": value.coverage,
        "note": value.note or None,
        "parts": [
            {
                "name": part.name,
                "object": part.object,
                "weight": part.weight,
                "got": part.got,
                "of": part.of,
                "note": part.note or None,
            }
            for part in value.parts
        ],
    }


def _service(value: ServiceState) -> dict[str, Any]:
    waiver = value.waiver
    return {
        "id": value.id,
        "profile": value.profile or None,
        "name": value.name,
        "namespace": value.namespace,
        "criticality": value.criticality,
        "ready": value.ready,
        "intended": value.intended,
        "fulfilled": round(value.fulfilled, 4) if value.fulfilled is not None else None,
        "state": value.state,
        "workloads": [ref.to_json() for ref in value.workloads],
        "note": value.note or None,
        **(
            {"waiver": {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()}}
            if waiver
            else {}
        ),
    }


def _finding(value: Finding) -> dict[str, Any]:
    return {
        "rule": value.rule,
        "object": value.object.to_json(),
        "outcome": value.outcome.value,
        "severity": value.severity.value,
        "detail": value.detail,
        "path": value.path,
        "repair": value.repair,
    }


def _evidence(value: Evidence) -> dict[str, Any]:
    return {
        "object": value.object.to_json(),
        "path": value.path,
        "value": value.value,
        "time": _time(value.time),
        "current": value.current,
    }


def _cause(value: Cause) -> dict[str, Any]:
    item = value.candidate
    change = item.repair.change
    return {
        "rank": value.rank,
        "id": item.id,
        "confidence": item.confidence,
        "certainty": item.certainty,
        "severity": value.severity,
        "score": value.score,
        "object": item.object.to_json(),
        "summary": item.summary,
        "evidence": [_evidence(piece) for piece in item.evidence],
        "affects": [ref.to_json() for ref in item.affects],
        "explains": [ref.to_json() for ref in value.explains],
        "repair": {
            "summary": item.repair.summary,
            **(
                {"change": {"target": change.target.to_json(), "patch": dict(change.patch), "risk": change.risk}}
                if change
                else {}
            ),
        },
        "consequences": [_cause(child) for child in value.consequences],
        "ranking": list(value.reasons),
        **({"settledBy": item.settled_by} if item.settled_by else {}),
    }
