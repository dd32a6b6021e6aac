"""The pod's RuntimeClass does not exist, or the node does not know its handler.

What: the API server refuses the pods with "RuntimeClass … not found"; or the sandbox cannot be made: "no runtime for … is configured".

Why: a typing error, a RuntimeClass that was not installed (gVisor, Kata, NVIDIA), or nodes whose container runtime was never told of the handler.

Bad:
    runtimeClassName: nvidia      # no such RuntimeClass, or a node without the NVIDIA runtime

Good:
    kind: RuntimeClass
    metadata: {name: nvidia}
    handler: nvidia
    scheduling: {nodeSelector: {nvidia.com/gpu.present: "true"}}

Ignore when: the class is created by the same rollout and not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused
from seakeep.facts.index import Index
from seakeep.facts.references.class_names import missing_classes, missing_handlers
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Deployment, Event, Pod, ReplicaSet


def find(index: Index) -> Iterable[Candidate]:
    for item in missing_classes(index, "RuntimeClass", Refused.RUNTIME_CLASS):
        who = f"{item.workload.kind} {item.workload.name}"
        yield Candidate(
            id="runtime-class-missing",
            object=item.workload,
            summary=f"{who} uses RuntimeClass {item.wanted.name}, which does not exist",
            evidence=item.evidence,
            affects=(item.workload,),
            repair=Repair(f"Create RuntimeClass {item.wanted.name}, or correct runtimeClassName in {who}."),
            confidence=PROVEN if item.refused else LIKELY,
        )
    for lack in missing_handlers(index):
        node = lack.pod.spec.node_name or "its node"
        yield Candidate(
            id="runtime-class-missing",
            object=lack.workload,
            summary=f"the container runtime of {node} has no handler {lack.handler}, which the RuntimeClass of {lack.workload.kind} {lack.workload.name} asks for",
            evidence=(lack.evidence,),
            affects=(lack.pod.ref,),
            repair=Repair(
                f"Configure handler {lack.handler} in the container runtime of {node}, or let the RuntimeClass choose the nodes that have it (scheduling.nodeSelector)."
            ),
            confidence=PROVEN,
        )


CAUSE = CauseLeaf(
    id="runtime-class-missing",
    title="RuntimeClass does not exist",
    reads=(Event, Pod, ReplicaSet, Deployment),
    find=find,
)
