"""Pods name a scheduler that does not run here.

What: pods stay Pending without a PodScheduled condition and without any event, and their schedulerName is not the default one: the default scheduler leaves them alone, and nobody else looks at them.

Why: the other scheduler (Volcano, YuniKorn, a second profile) is not installed, is down, or is called otherwise.

Bad:
    schedulerName: volcano     # and no such scheduler

Good:
    schedulerName: default-scheduler

Ignore when: that scheduler holds the pods back on purpose until their whole group can start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.other_schedulers import unheeded
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unheeded(index):
        who = f"{item.workload.kind} {item.workload.name}"
        absent = not item.ran and index.snapshot.lists_all("Pod", "*")
        yield Candidate(
            id="scheduler-missing",
            object=item.workload,
            summary=f"{len(item.pods)} pod{'s' if len(item.pods) > 1 else ''} of {who} wait{'' if len(item.pods) > 1 else 's'} for scheduler {item.scheduler}, "
            + ("of which nothing was seen here" if not item.ran else "which has not looked at them"),
            evidence=(
                *(
                    state_evidence(pod, "status.phase", f"{pod.status.phase}, and no scheduler speaks of it")
                    for pod in item.pods[:3]
                ),
                Evidence(item.workload, "schedulerName", item.scheduler),
            ),
            affects=tuple(pod.ref for pod in item.pods[:50]),
            repair=Repair(f"Install scheduler {item.scheduler} or bring it up, or leave schedulerName out of {who}."),
            confidence=PROVEN if absent else POSSIBLE if item.running else LIKELY,
            settled_by="" if absent else "kubectl get pods -A; kubectl get leases -A",
        )


CAUSE = CauseLeaf(id="scheduler-missing", title="Named scheduler does not run", reads=(Pod,), find=find)
