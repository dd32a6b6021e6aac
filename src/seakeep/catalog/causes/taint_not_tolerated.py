"""Nodes carry a taint that the pod does not tolerate.

What: the scheduler refused the pod with "had untolerated taint {key: value}" on nodes that would otherwise take it.

Why: somebody tainted the nodes (for maintenance, for another team's work), or the workload lost its toleration. Taints that say what is wrong with a node
(not-ready, disk-pressure …) are consequences of another cause, and those of control planes are permanent.

Bad:
    spec.taints of every worker: [{key: maintenance, effect: NoSchedule}]

Good:
    spec.template.spec.tolerations: [{key: maintenance, operator: Exists}]    # or no such taint

Ignore when: the nodes are reserved on purpose and other nodes are about to come.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.planned_places import planned_place_causes
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.workloads.revision_repairs import tolerations_before
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.TAINT)
        if not confidence:
            continue
        pairs = item.blame.tainted
        taints = sorted(
            {
                f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"
                for _, taint in pairs
            }
        )
        nodes = sorted({node.name for node, _ in pairs})
        named = ", ".join(taints[:3]) or item.detail(Refusal.TAINT) or "that the scheduler did not name"
        where = f" on {', '.join(nodes[:5])}" if nodes else ""
        yield placement_candidate(
            item,
            "taint-not-tolerated",
            confidence,
            f"{item.workload.kind} {item.workload.name} does not tolerate the taint {named}{where}",
            f"Remove the taint {named}{where or ' from the nodes'}, or add a toleration for it to {item.workload.kind} {item.workload.name}.",
            tuple(
                state_evidence(node, "spec.taints", f"{taint.key}={taint.value}:{taint.effect}", taint.time_added)
                for node, taint in pairs[:3]
            ),
            also=tuple(sorted({node.ref for node, _ in pairs})),
            change=tolerations_before(index, item.workload),
        )
    yield from planned_place_causes(index, Refusal.TAINT, "taint-not-tolerated")
    yield from refused_by_kubelet(index, Refusal.TAINT, "taint-not-tolerated")


CAUSE = CauseLeaf(id="taint-not-tolerated", title="Taint is not tolerated", reads=(Pod,), find=find)
