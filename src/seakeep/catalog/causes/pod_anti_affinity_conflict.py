"""Required anti-affinity forbids every node to the pod.

What: the scheduler refused the pod with "didn't match pod anti-affinity rules" (or "didn't satisfy existing pods anti-affinity rules"): on each node that is left runs a pod that it must keep away from.

Why: more replicas than nodes (or zones) under a required rule, a rolling update that surges under it, or a term that selects too many pods.

Bad:
    podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: …}     # 5 replicas on 3 nodes

Good:
    podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: …}

Ignore when: the spare replica is meant to wait for one more node.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.neighbours import anti_affinity_terms, placed, selector_text
from seakeep.facts.scheduling.placing_repairs import apart_as_wish
from seakeep.facts.scheduling.planned_places import planned_place_causes
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.ANTI_AFFINITY)
        if not confidence:
            continue
        terms = anti_affinity_terms(item.spec) if item.spec else ()
        rules = [f"{selector_text(term.label_selector)} per {term.topology_key}" for term in terms]
        holders = sorted({pod.name for term in terms for pod in placed(index, item.pod.namespace, term)})
        beside = f", and such pods run already ({', '.join(holders[:4])})" if holders else ""
        rule = f" ({'; '.join(rules)})" if rules else ""
        who = f"{item.workload.kind} {item.workload.name}"
        yield placement_candidate(
            item,
            "pod-anti-affinity-conflict",
            confidence,
            f"required anti-affinity{rule} keeps {who} off every node that is left{beside}",
            f"Make the anti-affinity of {who} preferred instead of required, run fewer replicas, or add nodes.",
            (state_evidence(item.pod, "spec.affinity.podAntiAffinity", "; ".join(rules)),) if rules else (),
            change=apart_as_wish(index, item.workload),
            settled_by="" if rules else f"kubectl get pod {named(item.pod)} -o yaml",
        )
    yield from planned_place_causes(index, Refusal.ANTI_AFFINITY, "pod-anti-affinity-conflict")


CAUSE = CauseLeaf(id="pod-anti-affinity-conflict", title="Anti-affinity leaves no node", reads=(Pod,), find=find)
