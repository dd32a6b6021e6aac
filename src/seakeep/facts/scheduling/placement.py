"""Which nodes could take a pod: taints, selectors, ports and room, checked as the scheduler's filter plugins do (kube-scheduler `framework/plugins`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.msgpack import encode

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.selection import matches_node_selector
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Node, Pod, Taint
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import PodSpec, Toleration
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.snapshot import Depth

CONTROL_PLANE_TAINTS = frozenset({"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"})
CORDON_TAINT = "node.kubernetes.io/unschedulable"
# Taints that the node controller, a cloud provider or an autoscaler sets because of the node's state: consequences of a node's own trouble.
CONDITION_TAINTS = frozenset(
    {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
        "node.kubernetes.io/memory-pressure",
        "node.kubernetes.io/disk-pressure",
        "node.kubernetes.io/pid-pressure",
        "node.kubernetes.io/network-unavailable",
        "node.kubernetes.io/out-of-service",
        "node.cloudprovider.kubernetes.io/uninitialized",
        "node.cloudprovider.kubernetes.io/shutdown",
        "ToBeDeletedByClusterAutoscaler",
        "DeletionCandidateOfClusterAutoscaler",
    }
)


class Room(Struct, frozen=True):
    """What a node can hand out and what is left of it: millicores of cpu, bytes or numbers of all else. `free` is None where not every pod on the node was seen with its requests."""

    node: Node
    allocatable: Mapping[str, int]
    free: Mapping[str, int] | None


def amounts(quantities: Quantities) -> dict[str, int]:
    """Millicores of cpu, whole units of everything else; what is no quantity is left out."""
    found: dict[str, int] = {}
    for name, quantity in quantities.items():
        try:
            found[name] = milli(quantity) if name == "cpu" else value(quantity)
        except QuantityError:
            continue
    return found


def requests_of(spec: PodSpec) -> dict[str, int]:
    """What the scheduler reserves for a pod, one pod slot included (KEP-753 for init containers that keep running)."""
    total: dict[str, int] = {}
    sidecars: dict[str, int] = {}
    peak: dict[str, int] = {}
    for container in spec.containers:
        _add(total, _container_requests(container.resources.requests, container.resources.limits))
    for container in spec.init_containers:
        wanted = _container_requests(container.resources.requests, container.resources.limits)
        if container.restart_policy == "Always":
            _add(total, wanted)
            _add(sidecars, wanted)
            wanted = dict(sidecars)
        else:
            _add(wanted, sidecars)
        for name, amount in wanted.items():
            peak[name] = max(peak.get(name, 0), amount)
    for name, amount in peak.items():
        total[name] = max(total.get(name, 0), amount)
    _add(total, amounts(spec.overhead))
    total["pods"] = 1
    return {name: amount for name, amount in total.items() if amount}


def _container_requests(requests: Quantities, limits: Quantities) -> dict[str, int]:
    """A limit without a request is a request too (API defaulting; a template shows it undefaulted)."""
    return {**amounts(limits), **amounts(requests)}


def _add(total: dict[str, int], more: Mapping[str, int]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0) + amount


def nodes_seen(index: Index) -> tuple[Node, ...]:
    """Nodes that were described or read whole: an empty list of taints means none."""
    return tuple(node for node in index.snapshot.all(Node) if index.snapshot.depth(node.ref) >= Depth.DESCRIBED)


@once
def rooms(index: Index) -> Mapping[str, Room]:
    """By node name."""
    all_pods_seen = index.snapshot.lists_all("Pod", "*")
    found: dict[str, Room] = {}
    for node in nodes_seen(index):
        allocatable = amounts(node.status.allocatable or node.status.capacity)
        pods = [pod for pod in index.pods_on(node.name) if not is_ended(pod)]
        if index.snapshot.depth(node.ref) is Depth.DESCRIBED and pods:
            known = all(pod.spec.containers for pod in pods)  # `describe node` lists its pods with their requests
        else:
            known = all_pods_seen and all(index.snapshot.depth(pod.ref) >= Depth.DESCRIBED for pod in pods)
        found[node.name] = Room(node, allocatable, _left(allocatable, pods) if known and allocatable else None)
    return found


def _left(allocatable: Mapping[str, int], pods: Sequence[Pod]) -> dict[str, int]:
    left = dict(allocatable)
    for pod in pods:
        for name, amount in requests_of(pod.spec).items():
            left[name] = left.get(name, 0) - amount
    return left


def full_nodes(index: Index) -> list[tuple[Node, int]]:
    """Nodes with as many pods as they may hold, and how many that are."""
    return [
        (room.node, room.allocatable["pods"])
        for room in rooms(index).values()
        if room.free is not None and room.allocatable.get("pods", 0) > 0 >= room.free.get("pods", 1)
    ]


def largest_free(index: Index, resource: str, spec: PodSpec | None) -> tuple[str, int] | None:
    """The node, of those that the pod may use, with the most of a resource left, and how much; None where that is not known of any node."""
    known = [(room.free.get(resource, 0), room.node.name) for room in usable(index, spec) if room.free is not None]
    return max(known)[::-1] if known else None


def largest_allocatable(index: Index, resource: str, spec: PodSpec | None) -> tuple[str, int] | None:
    """The node, of those that the pod may use, that could hand out the most of a resource if it were empty."""
    known = [(room.allocatable.get(resource, 0), room.node.name) for room in usable(index, spec) if room.allocatable]
    return max(known)[::-1] if known else None


def usable(index: Index, spec: PodSpec | None) -> Sequence[Room]:
    """The nodes that selector, affinity and taints leave to the pod; all of them where its spec was not seen."""
    if spec is None:
        return tuple(rooms(index).values())
    known = _usable(index)
    key = _placement_key(spec, spec.tolerations)
    if key not in known:
        fit = fitting(index, spec)
        known[key] = tuple(
            room for name, room in rooms(index).items() if name in fit and not untolerated(spec, room.node)
        )
    return known[key]


def fitting(index: Index, spec: PodSpec) -> frozenset[str]:
    """The names of the nodes that selector and affinity leave to the pod."""
    known = _fitting(index)
    key = _placement_key(spec)
    if key not in known:
        known[key] = frozenset(
            name
            for name, room in rooms(index).items()
            if matches_node_selector_map(spec, room.node) and matches_node_affinity(spec, room.node)
        )
    return known[key]


def _placement_key(spec: PodSpec, *more: object) -> bytes:
    """Waiting workloads are many and want the same few things: each combination is tried on the nodes once."""
    return encode((spec.node_selector, spec.affinity.node_affinity if spec.affinity else None, *more))


@once
def _usable(index: Index) -> dict[bytes, Sequence[Room]]:
    """Filled as pods are asked about."""
    del index
    return {}


@once
def _fitting(index: Index) -> dict[bytes, frozenset[str]]:
    del index
    return {}


def tolerates(tolerations: Sequence[Toleration], taint: Taint) -> bool:
    """Component-helpers `TolerationsTolerateTaint`: an empty effect or an empty key matches every one."""
    return any(
        item.effect in {"", taint.effect} and item.key in {"", taint.key} and _holds(item, taint)
        for item in tolerations
    )


def _holds(toleration: Toleration, taint: Taint) -> bool:
    return toleration.operator == "Exists" or (toleration.operator in {"", "Equal"} and toleration.value == taint.value)


def untolerated(spec: PodSpec, node: Node) -> tuple[Taint, ...]:
    """The taints that keep the pod off the node; PreferNoSchedule never does."""
    return tuple(
        taint
        for taint in node.spec.taints
        if taint.effect in {"NoSchedule", "NoExecute"} and not tolerates(spec.tolerations, taint)
    )


def is_cordoned(node: Node) -> bool:
    return node.spec.unschedulable or any(taint.key == CORDON_TAINT for taint in node.spec.taints)


def is_control_plane(node: Node) -> bool:
    return any(key in node.labels for key in CONTROL_PLANE_TAINTS) or any(
        taint.key in CONTROL_PLANE_TAINTS for taint in node.spec.taints
    )


def matches_node_selector_map(spec: PodSpec, node: Node) -> bool:
    return all(node.labels.get(key) == wanted for key, wanted in spec.node_selector.items())


def matches_node_affinity(spec: PodSpec, node: Node) -> bool:
    required = (
        spec.affinity.node_affinity.required_during_scheduling_ignored_during_execution
        if spec.affinity and spec.affinity.node_affinity
        else None
    )
    return required is None or matches_node_selector(required.node_selector_terms, node)


def host_ports(spec: PodSpec) -> frozenset[tuple[str, int]]:
    return frozenset(
        (port.protocol, port.host_port or (port.container_port if spec.host_network else 0))
        for container in spec.containers
        for port in container.ports
        if port.host_port or spec.host_network
    )


def port_holders(index: Index, spec: PodSpec, node: Node) -> tuple[Pod, ...]:
    """The pods on the node that hold a host port which the spec asks for."""
    wanted = host_ports(spec)
    if not wanted:
        return ()
    return tuple(pod for pod in index.pods_on(node.name) if not is_ended(pod) and wanted & host_ports(pod.spec))
