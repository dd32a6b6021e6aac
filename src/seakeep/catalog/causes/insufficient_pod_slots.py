"""Every suitable node already runs its maximum number of pods.

What: the scheduler refused the pod with "Too many pods": the kubelet's maxPods is reached. A node that is full while nobody waits is a weakness, and said to be one.

Why: many small pods, a low maxPods (or few addresses per node on cloud networks), or finished work that was not cleaned away.

Bad:
    maxPods: 10                # in the kubelet's configuration of a large node

Good:
    maxPods: 110

Ignore when: the pods that fill the node are Jobs about to end.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.placement import full_nodes
from seakeep.facts.scheduling.scheduling import shortages
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    told = list(shortages(index, Refusal.POD_SLOTS, "insufficient-pod-slots", "pods"))
    yield from told
    for node, most in () if told else full_nodes(index):
        yield Candidate(
            id="insufficient-pod-slots",
            object=node.ref,
            summary=f"node {node.name} holds {most} pods, as many as its kubelet allows: the next one finds no place there",
            evidence=(state_evidence(node, "status.allocatable[pods]", str(most)),),
            repair=Repair(f"Move pods away from node {node.name}, raise maxPods of its kubelet, or add a node."),
            confidence=HINT,
            settled_by=f"kubectl get pods -A --field-selector spec.nodeName={quote(node.name)}",
        )
    yield from refused_by_kubelet(index, Refusal.POD_SLOTS, "insufficient-pod-slots")


CAUSE = CauseLeaf(id="insufficient-pod-slots", title="Nodes hold as many pods as they may", reads=(Pod,), find=find)
