"""How fast the nodes of a zone may lose their pods: a zone that fails as a whole may be a fault of the network. Source: pkg/controller/nodelifecycle (`handleDisruption`, `ComputeZoneState`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import inf

from seakeep.model.objects import Node
from seakeep.model.refs import Ref
from seakeep.twin.controller import View
from seakeep.twin.memo import by_identity
from seakeep.twin.moments import after
from seakeep.twin.settings import Settings
from seakeep.twin.state import State

_EXCLUDED = "node.kubernetes.io/exclude-disruption"
_NO_EXECUTE = frozenset({"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})
_ZONE = ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone")
_REGION = ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region")


@by_identity
def zone_of(node: Node) -> tuple[str, str]:
    """Region and zone, "" where the node has none."""
    region, zone = (next((node.labels[key] for key in keys if key in node.labels), "") for keys in (_REGION, _ZONE))
    return region, zone


def all_down(state: State) -> bool:
    """No node is ready: the fault is more likely the control plane's own, and no pod is evicted ("master disruption mode")."""
    members = [item for item in state.all(Node) if _EXCLUDED not in item.labels]
    return bool(members) and not any(_is_ready(item) for item in members)


def held_back(view: View, node: Node) -> float:
    """Seconds until the node may get its NoExecute taint; infinity where its zone is mostly down and small."""
    zone = zone_of(node)
    members = [item for item in view.state.all(Node) if zone_of(item) == zone]
    rate = _rate([item for item in members if _EXCLUDED not in item.labels], view.settings)
    if not rate:
        return inf
    # A node's turn comes `1 / rate` seconds after that of the one before it.
    queue = [item.name for item in members if not _is_ready(item) and not _tainted(item)]
    turn = queue.index(node.name) if node.name in queue else 0
    times = [
        taint.time_added
        for item in members
        for taint in item.spec.taints
        if taint.key in _NO_EXECUTE and taint.effect == "NoExecute" and taint.time_added is not None
    ]
    # Who took the last turn may have recovered since, or only changed the name of its taint.
    if isinstance(last := view.state.note(_turn_of(zone)), datetime):
        times = [last]
    if not times:
        return 0.0  # the first one that asks
    return max((after(max(times), (turn + 1) / rate) - view.now).total_seconds(), 0.0)


def turn_taken(view: View, node: Node) -> None:
    """The node gets its NoExecute taint now: its zone's limiter has one less to give."""
    view.state.remember(_turn_of(zone_of(node)), view.now)


def _turn_of(zone: tuple[str, str]) -> tuple[object, ...]:
    return ("NoExecute", *zone)


def _rate(members: list[Node], settings: Settings) -> float:
    down = sum(not _is_ready(item) for item in members)
    if 2 < down < len(members) and down / len(members) >= settings.unhealthy_zone:
        return settings.secondary_node_eviction_rate if len(members) > settings.large_cluster_size else 0.0
    return settings.node_eviction_rate


def recovered(state: State) -> Iterator[Ref]:
    """Nodes that are not ready and may have waited for another one to be."""
    return (item.ref for item in state.all(Node) if not _is_ready(item) and not _tainted(item))


@by_identity
def _is_ready(node: Node) -> bool:
    return next((item.status for item in node.status.conditions if item.type == "Ready"), "True") == "True"


def _tainted(node: Node) -> bool:
    return any(taint.key in _NO_EXECUTE and taint.effect == "NoExecute" for taint in node.spec.taints)
