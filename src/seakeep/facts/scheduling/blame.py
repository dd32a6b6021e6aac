"""Which of the scheduler's reasons is to blame for a pod that has no node: the one without which some node would take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.placement import (
    CONDITION_TAINTS,
    CONTROL_PLANE_TAINTS,
    CORDON_TAINT,
    Room,
    fitting,
    host_ports,
    is_cordoned,
    matches_node_affinity,
    matches_node_selector_map,
    port_holders,
    requests_of,
    rooms,
    untolerated,
)
from seakeep.facts.scheduling.scheduling_messages import (
    AFTER_NODE_MATCH,
    RESOURCES,
    Reason,
    Refusal,
    total_nodes,
)
from seakeep.facts.volumes.volume_topology import excludes_node
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import Node, Taint
from seakeep.model.objects.base import Requirement
from seakeep.model.objects.pods import PodSpec
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_PLACED_LAST = frozenset(
    {Refusal.SPREAD, Refusal.AFFINITY, Refusal.ANTI_AFFINITY, Refusal.NO_VOLUME, Refusal.CLAIM_IN_USE}
)
_BY_RESOURCE = {
    "cpu": Refusal.CPU,
    "memory": Refusal.MEMORY,
    "ephemeral-storage": Refusal.EPHEMERAL_STORAGE,
    "pods": Refusal.POD_SLOTS,
}


class Blame(Struct, frozen=True):
    """`confidence` of each refusal that is to blame. `cordoned` and `tainted` are nodes that would take the pod, or may, but for that; `resources` the resource's name by refusal."""

    confidence: Mapping[Refusal, float] = field(default_factory=dict)
    cordoned: tuple[Node, ...] = ()
    tainted: tuple[tuple[Node, Taint], ...] = ()
    resources: Mapping[Refusal, str] = field(default_factory=dict)
    nodes_seen: bool = False


def refusal_of(resource: str) -> Refusal:
    """Which kind of shortage a resource's is: everything that a device plugin hands out is a device."""
    if resource.startswith("hugepages-"):
        return Refusal.MEMORY
    return _BY_RESOURCE.get(resource, Refusal.DEVICE)


def blame(
    index: Index,
    workload: Ref,
    namespace: str,
    spec: PodSpec | None,
    affinity_known: bool,
    message: str,
    reasons: Sequence[Reason],
) -> Blame:
    """From the nodes where all of them and the spec were seen, else from the message alone."""
    seen = rooms(index)
    all_seen = bool(seen) and (index.snapshot.lists_all("Node", "*") or total_nodes(message) == len(seen))
    if spec is not None and all_seen:
        found = _Judge(index, workload, namespace, spec, affinity_known, reasons).verdict()
        if found is not None:
            return found
    if not reasons:
        return _from_spec(spec)
    return _from_message(index, workload, spec, affinity_known, reasons)


def _from_spec(spec: PodSpec | None) -> Blame:
    """The scheduler's word was not seen, nor were the nodes: what the pod asks for that an ordinary node does not have may be what it waits for."""
    confidence: dict[Refusal, float] = {}
    if spec is None:
        return Blame()
    devices = [name for name in sorted(requests_of(spec)) if refusal_of(name) is Refusal.DEVICE]
    if devices:
        confidence[Refusal.DEVICE] = POSSIBLE
    if spec.node_selector:
        confidence[Refusal.SELECTOR] = POSSIBLE
    if _has_affinity(spec):
        confidence[Refusal.NODE_AFFINITY] = POSSIBLE
    return Blame(confidence, resources={Refusal.DEVICE: devices[0]} if devices else {})


def _from_message(
    index: Index, workload: Ref, spec: PodSpec | None, affinity_known: bool, reasons: Sequence[Reason]
) -> Blame:
    told = {reason.refusal for reason in reasons}
    own = told - {Refusal.CONTROL_PLANE, Refusal.CONDITION, Refusal.OTHER}
    if Refusal.NODE_MATCH in own and (own & AFTER_NODE_MATCH or (workload.kind == "DaemonSet" and len(own) > 1)):
        own.discard(Refusal.NODE_MATCH)  # other nodes have passed the selector: these are only outside the pod's pool
    nameless = any(reason.refusal is Refusal.TAINT and not reason.detail for reason in reasons)
    if nameless and len(own) > 1:
        own.discard(Refusal.TAINT)  # without its name it may be the control plane's
    sure = LIKELY if Refusal.CONDITION not in told else POSSIBLE
    confidence: dict[Refusal, float] = {}
    strongest = max((reason.count for reason in reasons if reason.refusal in RESOURCES), default=0)
    for reason in reasons:
        if reason.refusal not in own:
            continue
        level = sure if len(own) == 1 else POSSIBLE
        if reason.refusal in RESOURCES and not own - RESOURCES:
            level = sure if reason.count == strongest else POSSIBLE
        if reason.refusal is Refusal.CORDON and level < LIKELY:
            level = 0.65  # somebody did it on purpose, and it can be undone; a full node is only full
        if nameless and reason.refusal is Refusal.TAINT:
            level = 0.65
        confidence[reason.refusal] = level
    if not own and told == {Refusal.CONTROL_PLANE}:
        confidence[Refusal.TAINT] = LIKELY
    if Refusal.NODE_MATCH in confidence:
        level = confidence.pop(Refusal.NODE_MATCH)
        matching = _node_match(spec, affinity_known)
        for refusal in matching:
            confidence[refusal] = (
                level if len(matching) == 1 else POSSIBLE if refusal is Refusal.SELECTOR else POSSIBLE - 0.05
            )
    cordoned = tuple(node for node in index.snapshot.all(Node) if is_cordoned(node))
    tainted = tuple(
        (room.node, taint)
        for room in rooms(index).values()
        for taint in (untolerated(spec, room.node) if spec else room.node.spec.taints)
        if taint.key not in CONDITION_TAINTS | {CORDON_TAINT} and taint.effect != "PreferNoSchedule"
    )
    resources = {reason.refusal: reason.detail for reason in reasons if reason.refusal in RESOURCES and reason.detail}
    return Blame(confidence, cordoned, tainted, resources)


def _node_match(spec: PodSpec | None, affinity_known: bool) -> tuple[Refusal, ...]:
    if spec is None:
        return (Refusal.SELECTOR, Refusal.NODE_AFFINITY)
    if spec.node_selector and (not affinity_known or not _has_affinity(spec)):
        return (Refusal.SELECTOR,)
    if spec.node_selector:
        return (Refusal.SELECTOR, Refusal.NODE_AFFINITY)
    return (Refusal.NODE_AFFINITY,)


def as_shown(verdict: Blame, spec: PodSpec) -> Blame:
    """The scheduler names selector and affinity in one word: where only one of them was shown of the pod, that one."""
    shown = {Refusal.SELECTOR: bool(spec.node_selector), Refusal.NODE_AFFINITY: _has_affinity(spec)}
    if sum(shown.values()) != 1 or not shown.keys() <= verdict.confidence.keys():
        return verdict
    kept = {refusal: level for refusal, level in verdict.confidence.items() if shown.get(refusal, True)}
    return replace(verdict, confidence=kept)


def _has_affinity(spec: PodSpec) -> bool:
    affinity = spec.affinity.node_affinity if spec.affinity else None
    return affinity is not None and affinity.required_during_scheduling_ignored_during_execution is not None


def pinned_nodes(spec: PodSpec) -> frozenset[str]:
    """The nodes that a DaemonSet's pod is bound to by its generated affinity (`metadata.name`)."""
    affinity = spec.affinity.node_affinity if spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    fields: list[Requirement] = [
        field for term in (required.node_selector_terms if required else ()) for field in term.match_fields
    ]
    return frozenset(name for item in fields if item.key == "metadata.name" for name in item.values)


@once
def _standing(index: Index) -> Mapping[str, frozenset[Refusal]]:
    """By node name: what keeps every pod off, whatever it tolerates."""
    return {name: frozenset(_unfit(room.node)) for name, room in rooms(index).items()}


def _unfit(node: Node) -> Iterator[Refusal]:
    if is_cordoned(node):
        yield Refusal.CORDON
    if any(item.type == "Ready" and item.status != "True" for item in node.status.conditions):
        yield Refusal.CONDITION


class _Judge:
    """One pod against every node; `verdict` is None where the nodes contradict the message."""

    def __init__(
        self,
        index: Index,
        workload: Ref,
        namespace: str,
        spec: PodSpec,
        affinity_known: bool,
        reasons: Sequence[Reason],
    ) -> None:
        self.index, self.workload, self.namespace, self.spec = index, workload, namespace, spec
        self.affinity_known = affinity_known
        self.told = {reason.refusal for reason in reasons}
        self.reasons = reasons
        self.needs = requests_of(spec)
        pinned = pinned_nodes(spec)
        self.rooms = [room for name, room in rooms(index).items() if not pinned or name in pinned]
        self.fitting = fitting(index, spec)
        self.standing = _standing(index)
        self.wants_ports = bool(host_ports(spec))

    def verdict(self) -> Blame | None:
        if self.told & {Refusal.UNBOUND, Refusal.CLAIM_MISSING}:
            return Blame(nodes_seen=True)
        spec = self.spec
        matched = [room for room in self.rooms if room.node.name in self.fitting]
        if not matched:
            return None if self.told & AFTER_NODE_MATCH else self._no_match()
        if (
            Refusal.NODE_MATCH in self.told
            and not self.affinity_known
            and not self.told & AFTER_NODE_MATCH
            and len(matched) == len(self.rooms)
        ):
            return Blame({Refusal.NODE_AFFINITY: LIKELY}, nodes_seen=True)  # `describe` does not show affinity
        pool = [room for room in matched if not self._control_plane_only(room.node)]
        if not pool:
            return self._control_plane(matched)
        if Refusal.VOLUME_ZONE in self.told:
            reachable = [room for room in pool if not excludes_node(self.index, self.namespace, spec, room.node)]
            if not reachable:
                return Blame({Refusal.VOLUME_ZONE: PROVEN}, nodes_seen=True)
            pool = reachable
        return self._decide(self._equipped(pool))

    def _equipped(self, pool: Sequence[Room]) -> Sequence[Room]:
        """Nodes that hand out the devices that the pod asks for: others can never be its place, whatever else is true of them."""
        devices = [name for name in self.needs if refusal_of(name) is Refusal.DEVICE]
        having = [room for room in pool if all(room.allocatable.get(name, 0) for name in devices)]
        return having or pool

    def _no_match(self) -> Blame:
        spec = self.spec
        selector = not any(matches_node_selector_map(spec, room.node) for room in self.rooms)
        affinity = not any(matches_node_affinity(spec, room.node) for room in self.rooms)
        found = {}
        if selector:
            found[Refusal.SELECTOR] = PROVEN
        if affinity:
            found[Refusal.NODE_AFFINITY] = PROVEN
        return Blame(found or {Refusal.SELECTOR: LIKELY, Refusal.NODE_AFFINITY: POSSIBLE}, nodes_seen=True)

    def _control_plane_only(self, node: Node) -> bool:
        return any(taint.key in CONTROL_PLANE_TAINTS for taint in untolerated(self.spec, node))

    def _control_plane(self, matched: Sequence[Room]) -> Blame:
        """Every node that matches belongs to the control plane and says so with its taint."""
        tainted = tuple((room.node, taint) for room in matched for taint in untolerated(self.spec, room.node))
        if len(matched) < len(self.rooms):
            chosen = Refusal.SELECTOR if self.spec.node_selector else Refusal.NODE_AFFINITY
            return Blame({chosen: LIKELY, Refusal.TAINT: POSSIBLE}, tainted=tainted, nodes_seen=True)
        return Blame({Refusal.TAINT: PROVEN}, tainted=tainted, nodes_seen=True)

    def _failing(self, room: Room) -> frozenset[Refusal]:
        node = room.node
        failing = self.standing[node.name]
        if node.spec.taints:
            failing |= {
                Refusal.CONDITION if taint.key in CONDITION_TAINTS else Refusal.TAINT
                for taint in untolerated(self.spec, node)
                if taint.key != CORDON_TAINT
            }
        if self.wants_ports and port_holders(self.index, self.spec, node):
            failing |= {Refusal.PORTS}
        limits = room.free if room.free is not None else room.allocatable
        if limits:
            for name, amount in self.needs.items():
                if amount > limits.get(name, 0):
                    failing |= {refusal_of(name)}
        if not failing:
            # What the snapshot cannot show (placed pods that were not read, spreading): the server's word.
            return frozenset(self.told & (AFTER_NODE_MATCH if room.free is None else _PLACED_LAST))
        return failing

    def _decide(self, pool: Sequence[Room]) -> Blame | None:
        failing: list[tuple[Room, frozenset[Refusal]]] = []
        for room in pool:
            kinds = self._failing(room)
            if not kinds:
                return None
            failing.append((room, kinds))
        never = {
            refusal_of(name): name
            for name, amount in self.needs.items()
            if all(room.allocatable and amount > room.allocatable.get(name, 0) for room in pool)
        }
        if never and (not self.told or self.told & set(never)):
            return Blame(dict.fromkeys(never, PROVEN), resources=never, nodes_seen=True)
        decisive = set[Refusal]()
        different = {kinds for _, kinds in failing}
        for kinds in different:
            groups = {Refusal.CPU if kind in RESOURCES else kind for kind in kinds}
            if len(groups) == 1:
                decisive |= kinds
        decisive |= self.told & _PLACED_LAST
        if not decisive:
            decisive = set[Refusal]().union(*different) & ((self.told | RESOURCES) or set(Refusal))
        cordoned = tuple(room.node for room, kinds in failing if Refusal.CORDON in kinds)
        tainted = tuple(
            (room.node, taint)
            for room, kinds in failing
            if Refusal.TAINT in kinds
            for taint in untolerated(self.spec, room.node)
            if taint.key not in CONDITION_TAINTS and taint.key != CORDON_TAINT
        )
        confidence = self._weigh(decisive, failing, tainted)
        resources = {refusal_of(name): name for name in self.needs}
        return Blame(confidence, cordoned, tainted, resources, nodes_seen=True)

    def _weigh(
        self,
        decisive: set[Refusal],
        failing: Sequence[tuple[Room, frozenset[Refusal]]],
        tainted: Sequence[tuple[Node, Taint]],
    ) -> dict[Refusal, float]:
        confidence: dict[Refusal, float] = {}
        alone = len({Refusal.CPU if kind in RESOURCES else kind for kind in decisive}) == 1
        if Refusal.CORDON in decisive:
            confidence[Refusal.CORDON] = PROVEN if alone else LIKELY
        everywhere = all(Refusal.TAINT in kinds or Refusal.CORDON in kinds for _, kinds in failing)
        if Refusal.TAINT in decisive:
            new = everywhere or any(self._was_put_later(node, taint) for node, taint in tainted)
            confidence[Refusal.TAINT] = (PROVEN if alone else LIKELY) if new else POSSIBLE
        state = any(level >= LIKELY for level in confidence.values()) or Refusal.CONDITION in decisive
        rest = decisive - {Refusal.CORDON, Refusal.TAINT, Refusal.CONDITION}
        for refusal in rest - RESOURCES:
            confidence[refusal] = POSSIBLE if state else PROVEN if alone else LIKELY
        short = rest & RESOURCES
        if short:
            first = self._scarcest(short, failing)
            for refusal in short:
                confidence[refusal] = LIKELY if not state and refusal is first else POSSIBLE
        if short and Refusal.ANTI_AFFINITY in rest and not state:
            more_than_nodes = self._replicas() > len(failing)
            confidence[Refusal.ANTI_AFFINITY] = LIKELY if more_than_nodes else POSSIBLE
            if more_than_nodes:
                confidence |= dict.fromkeys(short, POSSIBLE)
        return confidence

    def _scarcest(self, short: set[Refusal], failing: Sequence[tuple[Room, frozenset[Refusal]]]) -> Refusal:
        """The resource that fails on most nodes; among equals the one of which the pod asks the larger share of a node."""

        def weight(refusal: Refusal) -> tuple[int, float, str]:
            counts = [reason.count for reason in self.reasons if reason.refusal is refusal]
            nodes = counts[0] if counts else sum(refusal in kinds for _, kinds in failing)
            needs = [(name, amount) for name, amount in self.needs.items() if refusal_of(name) is refusal]
            shares = [
                amount / (room.allocatable.get(name, 0) or 1)
                for room, _ in failing
                if room.allocatable
                for name, amount in needs
            ]
            return nodes, max(shares, default=0.0), refusal.value

        return max(short, key=weight)

    def _was_put_later(self, node: Node, taint: Taint) -> bool:
        """Pods that do not tolerate the taint still run on the node: it came after them. A node pool's standing taint has none."""
        return any(
            pod.metadata.owner_references and taint in untolerated(pod.spec, node)
            for pod in self.index.pods_on(node.name)
            if pod.status.phase == "Running" and self.index.snapshot.depth(pod.ref) >= Depth.DESCRIBED
        )

    def _replicas(self) -> int:
        owner = self.index.snapshot.find(self.workload)
        wanted = getattr(getattr(owner, "spec", None), "replicas", None)
        return wanted if isinstance(wanted, int) else 1
