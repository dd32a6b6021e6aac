"""The pod's required node affinity matches no node.

What: the scheduler refused the pod with "didn't match Pod's node affinity/selector", and no node satisfies
spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.

Why: an expression with a wrong key, value or operator, terms that exclude each other, or a zone that has no node any more.

Bad:
    matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [mars-1]}]

Good:
    matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [eu-1a, eu-1b]}]

Ignore when: an autoscaler will create a node that matches.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.placing_repairs import on_known_labels
from seakeep.facts.scheduling.planned_places import planned_place_causes
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod
from seakeep.model.objects.pods import PodSpec


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.NODE_AFFINITY)
        if not confidence:
            continue
        text = _expressions(item.spec) if item.spec else ""
        asks = f" ({text})" if text else ""
        yield placement_candidate(
            item,
            "node-affinity-mismatch",
            confidence,
            f"required node affinity{asks} of {item.workload.kind} {item.workload.name} matches no node",
            f"Change the required node affinity{asks} of {item.workload.kind} {item.workload.name} to what nodes carry, or label a node so.",
            (state_evidence(item.pod, "spec.affinity.nodeAffinity", text),) if text else (),
            change=on_known_labels(index, item.workload),
            settled_by="" if text else f"kubectl get pod {named(item.pod)} -o yaml",
        )
    yield from planned_place_causes(index, Refusal.NODE_AFFINITY, "node-affinity-mismatch")
    yield from refused_by_kubelet(index, Refusal.NODE_AFFINITY, "node-affinity-mismatch")


def _expressions(spec: PodSpec) -> str:
    affinity = spec.affinity.node_affinity if spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    terms = required.node_selector_terms if required else ()
    return " or ".join(
        " and ".join(
            f"{part.key} {part.operator} {', '.join(part.values)}".strip()
            for part in (*term.match_expressions, *term.match_fields)
        )
        for term in terms
    )[:200]


CAUSE = CauseLeaf(id="node-affinity-mismatch", title="Node affinity matches no node", reads=(Pod,), find=find)
