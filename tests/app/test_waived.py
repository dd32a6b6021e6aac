"""Causes of what platform.yaml waives come last, as information; the day after its end they count again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from seakeep.app.check import diagnose_snapshot
from seakeep.model.platform import Intent, Waiver
from seakeep.testing.cases import snapshot_of

END = date(2026, 3, 2)


def _killed(name: str, confidence: str) -> list[dict[str, Any]]:
    pod = f"{name}-6f6d4c5b7d-bcdfg"
    ended = {"exitCode": 137, "reason": "OOMKilled"} if confidence == "sure" else {"exitCode": 1, "reason": "Error"}
    owner = {"kind": "ReplicaSet", "name": f"{name}-6f6d4c5b7d", "controller": True}
    return [
        {
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": f"acme/{name}:1"}]}}},
        },
        {
            "kind": "Pod",
            "metadata": {"name": pod, "labels": {"app": name, "pod-template-hash": "6f6d4c5b7d"}, "ownerReferences": [owner]},
            "spec": {"containers": [{"name": "main", "image": f"acme/{name}:1", "resources": {"limits": {"memory": "64Mi"}}}]},
            "status": {
                "phase": "Running",
                "containerStatuses": [{"name": "main", "ready": False, "restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": ended}}],
            },
        },
    ]  # fmt: skip


def _ranked(today: date) -> list[tuple[str, str]]:
    snapshot = snapshot_of(
        {
            "objects": [*_killed("sandbox", "sure"), *_killed("billing", "possible")],
            "logs": [{"pod": "default/billing-6f6d4c5b7d-bcdfg", "container": "main", "text": "ERROR cannot start"}],
        }
    )
    waiver = Waiver("sandbox", "an experiment", "ann", END)
    found = diagnose_snapshot(snapshot, Intent(waivers=(waiver,)), today)
    return [(cause.candidate.object.name, cause.severity) for cause in found.causes]


def test_waived_until_its_end() -> None:
    assert _ranked(END) == [("billing", "error"), ("sandbox", "info")]
    assert _ranked(END + timedelta(days=1)) == [("sandbox", "error"), ("billing", "error")]
