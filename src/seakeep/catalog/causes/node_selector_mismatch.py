"""The pod's nodeSelector matches no node.

What: the scheduler refused the pod with "didn't match Pod's node affinity/selector", and no node carries the labels of spec.nodeSelector.

Why: a typing error in the selector, a label that was never put on a node or was lost when the node was replaced, or a manifest from another cluster.

Bad:
    nodeSelector: {disktype: ssd-fast}    # no node has it

Good:
    nodeSelector: {kubernetes.io/os: linux}

Ignore when: an autoscaler will create a node with that label.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, POSSIBLE, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.node_labels import as_text, corrected, near_misses
from seakeep.facts.scheduling.placement import matches_node_selector_map
from seakeep.facts.scheduling.planned_places import planned_place_causes
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.workloads.revision_repairs import selector_before
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import DaemonSet, Node, Pod
from seakeep.model.snapshot import Depth


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.SELECTOR)
        if not confidence:
            continue
        selector = item.spec.node_selector if item.spec else {}
        text = as_text(selector) or "its nodeSelector"
        yield placement_candidate(
            item,
            "node-selector-mismatch",
            confidence,
            f"nodeSelector {text} of {item.workload.kind} {item.workload.name} matches no node that it may use{near_misses(index, selector)}",
            f"Change the nodeSelector ({text}) of {item.workload.kind} {item.workload.name} to labels that a node carries, or label a node so.",
            (state_evidence(item.pod, "spec.nodeSelector", text),) if selector else (),
            settled_by="" if item.blame.nodes_seen else "kubectl get nodes --show-labels",
            change=selector_before(index, item.workload) or corrected(index, item.workload, selector),
        )
    yield from _daemon_sets(index)
    yield from planned_place_causes(index, Refusal.SELECTOR, "node-selector-mismatch")
    yield from refused_by_kubelet(index, Refusal.SELECTOR, "node-selector-mismatch")


def _daemon_sets(index: Index) -> Iterable[Candidate]:
    """A DaemonSet whose selector matches no node gets no pods at all, and no event. Those made for other kinds of node (Windows, GPU) are normal, and were never edited."""
    nodes = tuple(index.snapshot.all(Node))
    if not index.snapshot.lists_all("Node", "*") or not all(_shows_labels(index, node) for node in nodes):
        return
    for item in index.snapshot.all(DaemonSet):
        spec = item.spec.template.spec
        if (
            item.status.desired_number_scheduled
            or not spec.node_selector
            or any(matches_node_selector_map(spec, node) for node in nodes)
        ):
            continue
        text = as_text(spec.node_selector)
        yield Candidate(
            id="node-selector-mismatch",
            object=item.ref,
            summary=f"nodeSelector {text} of DaemonSet {item.name} matches no node, so it runs no pod",
            evidence=(
                state_evidence(item, "spec.template.spec.nodeSelector", text),
                state_evidence(item, "status.desiredNumberScheduled", 0),
            ),
            affects=(item.ref,),
            repair=Repair(
                f"Change the nodeSelector ({text}) of DaemonSet {item.name} to labels that nodes carry, or delete the DaemonSet."
            ),
            confidence=POSSIBLE if _was_edited(index, item) else HINT,
            settled_by="Ask whether this DaemonSet is meant for nodes that the cluster does not have",
        )


def _shows_labels(index: Index, node: Node) -> bool:
    """A plain table does not; every kubelet sets its system's."""
    return index.snapshot.depth(node.ref) >= Depth.DESCRIBED or "kubernetes.io/os" in node.labels


def _was_edited(index: Index, item: DaemonSet) -> bool:
    """Its manifest was written again, or it had pods and took them away."""
    return item.metadata.generation > 1 or any(
        event.reason == "SuccessfulDelete" for event in index.events_about(item.ref)
    )


CAUSE = CauseLeaf(id="node-selector-mismatch", title="Node selector matches no node", reads=(Pod,), find=find)
