"""Pods of one node and pods of the others do not reach each other.

What: calls fail only where caller and answer are on different nodes; the same target answers on its own node, has ready endpoints, and no policy or port explains the failure. Often the API server cannot reach the node's kubelet either (exec and logs fail), or the CNI plug-in has no peers.

Why: a firewall drops VXLAN (UDP 4789, 8472), WireGuard (UDP 51820), IP-in-IP or BGP (TCP 179) between the nodes, routes or tunnels are missing, or the MTU does not fit.

Bad:
    calico-node: BIRD is not ready: BGP not established with 10.0.0.5

Good:
    nc -zv -w 3 10.244.2.7 9200     # from a pod on another node: open

Ignore when: the node is being replaced.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_pairs import CutOff, cut_off, is_broken_itself, sufferers
from seakeep.facts.nodes.nodes import node_ref
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Node, Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in cut_off(index):
        if is_broken_itself(index, item.node):
            continue
        others = ", ".join(item.others[:3]) or "other nodes"
        targets = ", ".join(sorted({way.target.name for way in item.far})[:3])
        peers = item.peering.evidence if item.peering else ()
        confidence = _confidence(item)
        yield Candidate(
            id="cross-node-network",
            object=node_ref(item.node),
            summary=f"pods on node {item.node} and pods on {others} do not reach each other"
            + (f": calls to {targets} get lost between the nodes" if targets else ""),
            evidence=(
                *(way.call.evidence for way in item.far[:3]),
                *(way.call.evidence for way in item.near[:1]),
                *item.unreachable[:1],
                *peers[:2],
            ),
            affects=sufferers(item),
            repair=Repair(
                f"Open the pod network between {item.node} and {others}: the firewall for the CNI plug-in's tunnel or BGP, the routes to the other nodes' pod CIDRs, and the MTU."
            ),
            confidence=confidence,
            settled_by=""
            if confidence >= PROVEN
            else f"From a pod on {item.node} and from one on {others}: nc -zv -w 3 <pod IP on the other node> <port>, then the same to a pod on its own node",
        )


def _confidence(item: CutOff) -> float:
    """A log alone shows one lost call; checks from both sides, or a second sign from the node itself, settle it."""
    checked = any(way.call.probe != "log" for way in item.far)
    more = item.pairs > 1 or bool(item.unreachable) or item.peering is not None
    if item.near and more:
        return PROVEN
    return LIKELY if item.near or more or (item.peering and not item.far) or (checked and item.pairs > 1) else POSSIBLE


CAUSE = CauseLeaf(
    id="cross-node-network",
    title="Nodes' pods do not reach each other",
    reads=(Node, Pod),
    find=find,
    severity=Severity.CRITICAL,
)
