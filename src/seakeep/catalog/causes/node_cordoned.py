"""A cordoned node, and pods that would fit on it.

What: spec.unschedulable is set on a node (`kubectl cordon`, or a drain that was not ended), and the scheduler refuses pods with "were unschedulable".

Why: maintenance that nobody finished. Pods that run on the node go on running, so it shows only when a pod must be placed anew.

Bad:
    spec: {unschedulable: true}

Good:
    spec: {unschedulable: false}

Ignore when: the node is under maintenance now, and the pods have room elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seakeep.contract.cause import HINT, POSSIBLE, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.placement import is_cordoned
from seakeep.facts.scheduling.scheduling import Unplaced, placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Node, Pod


def find(index: Index) -> Iterable[Candidate]:
    waiting: dict[str, list[Unplaced]] = defaultdict(list)
    for item in unplaced(index):
        if item.confidence(Refusal.CORDON):
            for node in item.blame.cordoned:
                waiting[node.name].append(item)
    yield from _unseen(index)
    for node in index.snapshot.all(Node):
        if not is_cordoned(node):
            continue
        items = waiting.get(node.name, [])
        since = next((taint.time_added for taint in node.spec.taints if taint.time_added), None)
        told = sorted(items, key=lambda item: -item.confidence(Refusal.CORDON))
        pods = tuple(ref for item in told for ref in item.affected)
        kept = f", and {len(pods)} waiting pod{'s' if len(pods) != 1 else ''} may not be placed on it" if pods else ""
        yield Candidate(
            id="node-cordoned",
            object=node.ref,
            summary=f"node {node.name} is cordoned{kept}",
            evidence=(
                state_evidence(node, "spec.unschedulable", "true", since),
                *(item.evidence[0] for item in told[:5]),
            ),
            affects=pods,
            repair=Repair(
                f"Uncordon node {node.name} (kubectl uncordon {quote(node.name)}) when its maintenance is done."
            ),
            confidence=max((item.confidence(Refusal.CORDON) for item in told), default=HINT),
            settled_by="" if pods else "Ask whether the node is under maintenance",
        )


def _unseen(index: Index) -> Iterable[Candidate]:
    """The scheduler speaks of cordoned nodes and none was seen: the workload stands for them."""
    for item in unplaced(index):
        if item.confidence(Refusal.CORDON) and not item.blame.cordoned:
            yield placement_candidate(
                item,
                "node-cordoned",
                min(item.confidence(Refusal.CORDON), POSSIBLE + 0.1),
                f"{item.workload.kind} {item.workload.name} waits because nodes are cordoned; which ones was not seen",
                "Uncordon the nodes that `kubectl get nodes` shows as SchedulingDisabled, when their maintenance is done.",
                settled_by="kubectl get nodes",
            )


CAUSE = CauseLeaf(id="node-cordoned", title="Node is cordoned", reads=(Node, Pod), find=find)
