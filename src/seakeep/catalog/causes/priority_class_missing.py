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
from seakeep.facts.references.planned_references import planned_lacks
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Evidence, Repair
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
    for lack in planned_lacks(index):
        if lack.kind == "PriorityClass":
            ref, meant = lack.template.ref, lack.lack.meant
            yield Candidate(
                id="priority-class-missing",
                object=ref,
                summary=f"{ref.kind} {ref.name} uses PriorityClass {lack.name}, which is not among the manifests"
                + (f" (PriorityClass {meant} is, and nothing uses it)" if meant else ""),
                evidence=(Evidence(lack.template.item.ref, f"{lack.template.path}.priorityClassName", lack.name),),
                affects=(ref,),
                repair=Repair(f"Add PriorityClass {lack.name}, or correct priorityClassName in {ref.kind} {ref.name}."),
                confidence=lack.lack.confidence,
                settled_by=f"kubectl get priorityclass {quote(lack.name)}",
            )


CAUSE = CauseLeaf(
    id="priority-class-missing",
    title="PriorityClass does not exist",
    reads=(Event, ReplicaSet, Deployment, StatefulSet),
    find=find,
)
