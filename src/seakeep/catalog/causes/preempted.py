"""Pods were ended to make room for others of higher priority.

What: the pod's condition DisruptionTarget has the reason PreemptionByScheduler, or an event says "Preempted by …", and its successors wait for room.

Why: a workload with a higher PriorityClass was added or scaled up on nodes that are full, or this workload has no priority at all.

Bad:
    priorityClassName: ""     # for a database, next to batch work with priorityClassName: high

Good:
    priorityClassName: platform-critical

Ignore when: the pods are batch work that is meant to give way.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.scheduling.preemption import preemptions
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in preemptions(index):
        who = f"{item.workload.kind} {item.workload.name}"
        by = f"{item.by.kind} {item.by.name}" if item.by else "pods of higher priority"
        priority = f" (priority {item.by_priority})" if item.by_priority else ""
        waits = f"; {len(item.waiting)} of its pods wait for room" if item.waiting else ""
        yield Candidate(
            id="preempted",
            object=item.workload,
            summary=f"pods of {who} were ended to make room for {by}{priority}{waits}",
            evidence=item.evidence,
            affects=(*item.pods, *item.waiting),
            repair=Repair(
                f"Give {who} a PriorityClass at least as high as that of {by}, lower theirs, or add room for both."
            ),
            confidence=HINT if not item.current else PROVEN if item.waiting else LIKELY,
        )


CAUSE = CauseLeaf(id="preempted", title="Pods were preempted", reads=(Event, Pod), find=find)
