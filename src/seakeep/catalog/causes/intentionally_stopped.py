"""A workload was stopped: by replicas 0, suspend or scheduling gates.

What: spec.replicas is 0, spec.suspend is true, or the pods carry scheduling gates. Nothing fails, and nothing runs.

Why: somebody stopped it and may have meant to, or forgot. Seakeep cannot know, so it asks; it is likelier a mistake where Services have no other backend, where others call it in vain, or where an autoscaler wants at least one.

Bad:
    replicas: 0     # of what five other services call

Good:
    replicas: 2, or a waiver in platform.yaml that says why and until when

Ignore when: it is meant to be off: say so in platform.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.workloads.stopped import stopped
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import CronJob, Deployment, Job, Pod, StatefulSet


def find(index: Index) -> Iterable[Candidate]:
    for item in stopped(index):
        who = f"{item.workload.kind} {item.workload.name}"
        alone = (
            f", and {', '.join(ref.name for ref in item.services[:3])} has no other backend" if item.services else ""
        )
        missed = "; something depends on it" if item.missed else ""
        start = {"Deployment": "scale it up", "StatefulSet": "scale it up"}.get(item.workload.kind, "resume it")
        if item.half:
            start = "go on with the rollout (kubectl rollout resume)"
        if "gates" in item.how:
            start = "remove the gates"
        level = HINT if item.by_design else LIKELY if item.missed else POSSIBLE if item.services or item.half else HINT
        yield Candidate(
            id="intentionally-stopped",
            object=item.workload,
            summary=f"{who} {item.how}{alone}{missed}: is that meant?",
            evidence=(item.evidence, *item.missed),
            affects=(*item.services, *item.affected),
            repair=Repair(
                f"If {who} is meant to run, {start}; if not, waive it in platform.yaml with a reason and an end."
            ),
            confidence=level,
            settled_by=f"Ask whether {item.workload} was stopped on purpose",
        )


CAUSE = CauseLeaf(
    id="intentionally-stopped",
    title="Workload is stopped",
    reads=(Deployment, StatefulSet, CronJob, Job, Pod),
    find=find,
    severity=Severity.WARNING,
)
