"""SARIF 2.1.0, for code scanning: causes and failed findings as results."""

from __future__ import annotations

from typing import Any

from seakeep.model.finding import Outcome
from seakeep.model.refs import Ref
from seakeep.model.report import Report
from seakeep.render.safe import line, sentences

_LEVEL = {"critical": "error", "error": "error", "warning": "warning", "info": "note"}


def report_sarif(report: Report) -> dict[str, Any]:
    results = [
        _result(
            cause.candidate.id,
            cause.severity,
            sentences(cause.candidate.summary, cause.candidate.repair.summary),
            cause.candidate.object,
        )
        for cause in report.diagnosis.causes
    ]
    results += [
        _result(item.rule, item.severity.value, sentences(item.detail, item.repair), item.object)
        for item in report.findings
        if item.outcome is Outcome.FAIL
    ]
    rules = sorted({result["ruleId"] for result in results})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "seakeep", "rules": [{"id": rule} for rule in rules]}},
                "results": results,
            }
        ],
    }


def _result(rule: str, severity: str, message: str, ref: Ref) -> dict[str, Any]:
    name = line("/".join(part for part in ref if part))
    return {
        "ruleId": rule,
        "level": _LEVEL[severity],
        "message": {"text": line(message, 1000)},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource", "name": line(ref.name)}]}],
        "partialFingerprints": {"object/v1": f"{rule}:{name}"},
    }
