"""A report with everything in it, and with hostile text wherever a cluster could put it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from seakeep.model.cause import Candidate, Cause, Diagnosis, Evidence, Question, Repair, Symptom
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.platform import Dependency, Intent, Platform, ServiceState, Waiver
from seakeep.model.refs import Ref
from seakeep.model.report import Moment, PodCell, Report, SnapshotSummary, TargetResult
from seakeep.model.score import Naive, Part, Score, Scores
from seakeep.model.snapshot import Unread

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOSTILE = "</script><script>alert(1)</script>\x1b[31m\x1b]0;title\x07\u202e<img src=x onerror=alert(1)>"


def report(text: str = HOSTILE) -> Report:
    workload, pod = Ref("Deployment", text, text), Ref("Pod", text, f"{text}-1")
    candidate = Candidate(
        "oom-killed",
        workload,
        text,
        (Evidence(pod, "event", text, NOW), Evidence(pod, "log", text, None, False)),
        Repair(f"{text}."),
        0.95,
        (pod,),
        text,
    )
    cause = Cause(1, candidate, "critical", (pod,), (Cause(0, candidate, "error"),), 0.9, (text,))
    states = ("up", "down", "degraded", "stopped", "waived", "unknown")
    services = tuple(
        ServiceState(
            f"s{position}", "kafka", f"{text}{position}", text, ("critical", "high", "normal", "low")[position % 4], 10, position % 3, 3, states[position % 6],
            (workload,) if position == 1 else (), Waiver("s", text, text, date(2026, 4, 1)) if position == 4 else None, text,
        )
        for position in range(9)
    )  # fmt: skip
    dependencies = tuple(
        Dependency(f"s{position}", f"s{(2 * position + 1) % 9}", text, workload, position % 4 == 0)
        for position in range(9)
    )
    parts = (Part(text, text, 1, 1, 2, text),)
    return Report(
        SnapshotSummary(text, NOW, 10, 5, (Unread(text, text, text),), text),
        Scores(
            Score("running", 76.6, text, parts),
            Score("health", None, text),
            Score("hardening", 97, text, parts, 0.9, text),
            Naive(118, 154),
        ),
        Platform(Intent(), services, dependencies),
        (
            Finding("pdb-missing", workload, Outcome.FAIL, Severity.WARNING, text, text, text),
            Finding("pdb-missing", workload, Outcome.SKIPPED, Severity.WARNING, text),
        ),
        Diagnosis((cause,), (Symptom(workload, text),), (Question(text, text),), (("oom-killed", text),)),
        tuple(
            PodCell(
                Ref("Pod", text, f"p{n}"),
                ("node-a", text, "")[n % 3],
                ("Running", "CrashLoopBackOff", "Pending", "Completed", text)[n % 5],
                n % 5 == 0,
            )
            for n in range(40)
        ),
        tuple(
            Moment(NOW + timedelta(minutes=n), workload, ("BackOff", text)[n % 2], text, n + 1, n > 3) for n in range(8)
        ),
        (TargetResult("health", 95, None, None, "2026-04-01"), TargetResult("running", 99, 76.6, False)),
    )
