"""Required pod affinity finds no pod to be near.

What: the scheduler refused the pod with "didn't match pod affinity rules": no placed pod matches the term, or none in a domain where the pod could run.

Why: a typing error in the term's labels, the wrong namespace, a partner that is down, or a topology key that nodes do not carry.

Bad:
    podAffinity: {required…: [{labelSelector: {matchLabels: {app: chache}}, topologyKey: kubernetes.io/hostname}]}

Good:
    podAffinity: {required…: [{labelSelector: {matchLabels: {app: cache}}, topologyKey: kubernetes.io/hostname}]}

Ignore when: the partner is being rolled out and appears in a moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.neighbours import affinity_terms, domains, placed, selector_text
from seakeep.facts.scheduling.planned_places import planned_place_causes
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.AFFINITY)
        if not confidence:
            continue
        terms = affinity_terms(item.spec) if item.spec else ()
        rules = [f"{selector_text(term.label_selector)} per {term.topology_key}" for term in terms]
        lonely = [term for term in terms if not placed(index, item.pod.namespace, term)]
        keyless = [term.topology_key for term in terms if not domains(index, term.topology_key)]
        why = ""
        if lonely:
            why = f": no placed pod matches {selector_text(lonely[0].label_selector)}"
        elif keyless:
            why = f": no node carries the label {keyless[0]}"
        who = f"{item.workload.kind} {item.workload.name}"
        yield placement_candidate(
            item,
            "pod-affinity-unsatisfied",
            confidence,
            f"required pod affinity of {who} cannot be satisfied{why}",
            f"Correct the pod affinity of {who} ({'; '.join(rules) or 'see its spec'}), or run the pods that it wants to be near.",
            (state_evidence(item.pod, "spec.affinity.podAffinity", "; ".join(rules)),) if rules else (),
            settled_by="" if rules else f"kubectl get pod {named(item.pod)} -o yaml",
        )
    yield from planned_place_causes(index, Refusal.AFFINITY, "pod-affinity-unsatisfied")


CAUSE = CauseLeaf(id="pod-affinity-unsatisfied", title="Pod affinity finds no partner", reads=(Pod,), find=find)
