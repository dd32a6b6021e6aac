"""A required topology spread leaves no node.

What: the scheduler refused the pod with "didn't match pod topology spread constraints", with "(missing required label)" where nodes lack the topology label.

Why: a constraint with DoNotSchedule on a label that nodes do not carry, a domain that cannot take pods (full, cordoned, lost) while the skew is used up, or minDomains above what exists.

Bad:
    topologySpreadConstraints: [{maxSkew: 1, topologyKey: example.com/rack, whenUnsatisfiable: DoNotSchedule}]

Good:
    topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]

Ignore when: the missing domain is coming back.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.neighbours import domains, hard_spreads
from seakeep.facts.scheduling.placing_repairs import spread_as_wish
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.SPREAD)
        if not confidence:
            continue
        spreads = hard_spreads(item.spec) if item.spec else ()
        rules = [f"maxSkew {spread.max_skew} over {spread.topology_key}" for spread in spreads]
        keyless = [
            spread.topology_key
            for spread in spreads
            if item.blame.nodes_seen and not domains(index, spread.topology_key)
        ]
        why = f": no node carries the label {keyless[0]}" if keyless else ""
        who = f"{item.workload.kind} {item.workload.name}"
        rule = f" ({'; '.join(rules)})" if rules else ""
        repair = (
            f"Label the nodes with {keyless[0]}, or use a topologyKey that they carry in {who}."
            if keyless
            else f"Relax the spread of {who}{rule} to ScheduleAnyway or a larger maxSkew, or make room in the emptier domains."
        )
        yield placement_candidate(
            item,
            "topology-spread-unsatisfied",
            confidence,
            f"topology spread{rule} of {who} leaves no node{why}",
            repair,
            (state_evidence(item.pod, "spec.topologySpreadConstraints", "; ".join(rules)),) if rules else (),
            change=spread_as_wish(index, item.workload),
            settled_by="" if rules else f"kubectl get pod {named(item.pod)} -o yaml",
        )


CAUSE = CauseLeaf(id="topology-spread-unsatisfied", title="Topology spread leaves no node", reads=(Pod,), find=find)
