"""How many places a workload has: the nodes, or zones, that its pods may use when all nodes are well."""

from __future__ import annotations

from msgspec.msgpack import encode

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.placement import (
    CONDITION_TAINTS,
    CORDON_TAINT,
    fitting,
    nodes_seen,
    requests_of,
    untolerated,
    usable,
)
from seakeep.model.objects import Node, PodSpec

HOST = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"


def places(index: Index, spec: PodSpec, key: str = HOST) -> frozenset[str] | None:
    """The values of the topology label on the nodes that the pods may use, "" for nodes without it. A cordon and a node's trouble pass. None where not every node was seen."""
    nodes = _all_nodes(index)
    if nodes is None:
        return None
    known = _places(index)
    affinity = spec.affinity.node_affinity if spec.affinity else None
    wish = encode((key, spec.node_selector, affinity, spec.tolerations))
    if wish not in known:
        fit = fitting(index, spec)
        chosen = [node for node in nodes if node.name in fit and not _barred(spec, node)]
        known[wish] = frozenset(node.labels.get(key) or (node.name if key == HOST else "") for node in chosen)
    return known[wish]


@once
def _all_nodes(index: Index) -> tuple[Node, ...] | None:
    nodes = nodes_seen(index)
    whole = index.snapshot.lists_all("Node", "*") and len(nodes) == sum(1 for _ in index.snapshot.all(Node))
    return nodes if nodes and whole else None


@once
def _places(index: Index) -> dict[bytes, frozenset[str]]:
    """Workloads are many and want the same few things. Filled as they are asked about."""
    del index
    return {}


def _barred(spec: PodSpec, node: Node) -> bool:
    return any(taint.key not in CONDITION_TAINTS and taint.key != CORDON_TAINT for taint in untolerated(spec, node))


def roomy(index: Index, spec: PodSpec, taken: frozenset[str]) -> str | None:
    """A node with room for one more pod, of those that are not `taken`: the one with most memory left. "" where there is none, None where the room is not known."""
    wanted = requests_of(spec)
    rooms = [room for room in usable(index, spec) if room.node.name not in taken]
    known = [room for room in rooms if room.free is not None]
    fit = [
        (room.free.get("memory", 0), room.node.name)
        for room in known
        if room.free is not None and all(room.free.get(name, 0) >= amount for name, amount in wanted.items())
    ]
    if fit:
        return max(fit)[1]
    return "" if known == rooms and nodes_seen(index) else None
