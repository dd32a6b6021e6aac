"""The pod's PriorityClass does not exist.

What: the API server refuses to create the pods with "no PriorityClass with name … was found", and no such PriorityClass exists now.

Why: a typing error, a class that was deleted or renamed, or a manifest that was applied to a cluster without the platform's classes. Pods that run keep running until they are made anew.

Bad:
    priorityClassName: platform-critcal

Good:
    priorityClassName: platform-critical

Ignore when: the class is created by the same rollout and not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused
from seakeep.facts.index import Index
from seakeep.facts.references.class_names import missing_classes
from seakeep.facts.references.name_repairs import with_priority_class
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Deployment, Event, PriorityClass, ReplicaSet, StatefulSet


def find(index: Index) -> Iterable[Candidate]:
    others = sorted(item.name for item in index.snapshot.all(PriorityClass) if not item.name.startswith("system-"))
    has = f" (the cluster has {', '.join(others[:5])})" if others else ""
    for item in missing_classes(index, "PriorityClass", Refused.PRIORITY_CLASS):
        who = f"{item.workload.kind} {item.workload.name}"
        yield Candidate(
            id="priority-class-missing",
            object=item.workload,
            summary=f"{who} uses PriorityClass {item.wanted.name}, which does not exist{has}"
            + ("" if item.refused else "; its next pod cannot be created"),
            evidence=item.evidence,
            affects=(item.workload,),
            repair=Repair(
                f"Create PriorityClass {item.wanted.name}, or correct priorityClassName in {who}.",
                with_priority_class(index, item.workload, item.wanted.name),
            ),
            confidence=PROVEN if item.refused else LIKELY,
        )


CAUSE = CauseLeaf(
    id="priority-class-missing",
    title="PriorityClass does not exist",
    reads=(Event, ReplicaSet, Deployment, StatefulSet),
    find=find,
)
