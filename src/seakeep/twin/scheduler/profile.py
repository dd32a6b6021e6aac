"""The default profile: which plugins run, in which order and with which weights (pkg/scheduler/apis/config/v1/default_plugins.go, Kubernetes 1.37), and what they say of one pod."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from msgspec import Struct

from seakeep.model.objects import Pod
from seakeep.twin.scheduler import disks, features, interpod, limits, nodes, ports, resources, spread, volumes
from seakeep.twin.scheduler.claims import uses_claims
from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask
from seakeep.twin.scheduler.kinds import PodKind
from seakeep.twin.scheduler.plugin import Cycle, Refusal, some
from seakeep.twin.scheduler.words import GATED

Filter = Callable[[Cycle], Iterator[Refusal]]
Scorer = Callable[[Cycle, Ints], Ints | None]
# What a plugin's PreFilter looks for in a pod: where there is none of it, the plugin's Filter is skipped.
_ONLY_FOR: Mapping[str, Callable[[Pod], object]] = {
    "NodeAffinity": lambda pod: pod.spec.node_selector or pod.spec.affinity,
    "NodePorts": ports.host_ports,
    "VolumeRestrictions": lambda pod: pod.spec.volumes,
    "NodeVolumeLimits": limits.attaches,
    "VolumeBinding": uses_claims,
    "VolumeZone": uses_claims,
    "PodTopologySpread": lambda pod: pod.spec.topology_spread_constraints,
    "NodeDeclaredFeatures": features.required,
}
# A plugin that yields several refusals gives a node all the reasons that hold ("all") or the first ("first").
FILTERS: tuple[tuple[str, Filter, str], ...] = (
    ("NodeName", nodes.node_name, "first"),
    ("NodeUnschedulable", nodes.unschedulable, "first"),
    ("TaintToleration", nodes.taints, "first"),
    ("NodeAffinity", nodes.affinity, "first"),
    ("NodePorts", ports.free_ports, "first"),
    ("NodeResourcesFit", resources.fit, "all"),
    ("VolumeRestrictions", disks.restrictions, "first"),
    ("NodeVolumeLimits", limits.limits, "first"),
    ("VolumeBinding", volumes.binding, "all"),
    ("VolumeZone", volumes.zone, "first"),
    ("PodTopologySpread", spread.hard, "first"),
    ("InterPodAffinity", interpod.required, "first"),
    ("NodeDeclaredFeatures", features.declared, "first"),
)
# NodeName, which no pod that waits asks for, and what looks at tolerations only.
_FIRST = 3
SCORERS: tuple[tuple[str, Scorer, int], ...] = (
    ("TaintToleration", nodes.taint_score, 3),
    ("NodeAffinity", nodes.affinity_score, 2),
    ("NodeResourcesFit", resources.least_allocated, 1),
    ("VolumeBinding", volumes.binding_score, 1),
    ("PodTopologySpread", spread.soft_score, 2),
    ("InterPodAffinity", interpod.preferred_score, 2),
    ("NodeResourcesBalancedAllocation", resources.balanced_allocation, 1),
    ("ImageLocality", nodes.image_score, 1),
)


class Verdict(Struct, frozen=True, eq=False):
    """One pod against every node. `reasons` has the refused nodes; `scores` plugin → weighted score per node of `feasible`, in its order.

    `resolvable` are the refused nodes where other pods' going could help, `plugins` those that refused one, `whole` what refused all nodes at once.
    """

    pod: Pod
    feasible: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, Ints]
    resolvable: frozenset[str] = frozenset()
    plugins: frozenset[str] = frozenset()
    whole: str = ""

    @property
    def total(self) -> Ints:
        found = np.zeros(len(self.feasible), dtype=np.int64)
        for each in self.scores.values():
            found += each
        return found


class Filtered(Struct, eq=False):
    """`alive` nodes passed all filters; of the others, why not."""

    alive: Mask
    reasons: dict[str, tuple[str, ...]]
    hopeless: set[str] = set()
    """Nodes where no other pod's going helps."""
    plugins: dict[str, str] = {}


# What is asked instead of `filtered` where pending pods are nominated to nodes.
Filtering = Callable[[Cycle], Filtered]


def judge(
    cluster: Cluster,
    pod: Pod,
    filtering: Filtering | None = None,
    kind: PodKind | None = None,
    *,
    choosing: bool = False,
) -> Verdict:
    """What kube-scheduler would say of a pending pod, alone against this state. Who only means to choose a node needs no scores where one is left (`schedulePod`)."""
    cycle = Cycle(cluster, pod, kind)
    plugin, whole = _before_filters(cycle)
    if whole:
        reasons = {node.name: (whole,) for node in cluster.nodes}
        return Verdict(pod, (), reasons, {}, plugins=frozenset({plugin}), whole=whole)
    found = (filtering or filtered)(cycle)
    names = tuple(cluster.names[found.alive].tolist())
    scores = _scored(cycle, found.alive.nonzero()[0]) if len(names) > int(choosing) else {}
    resolvable = frozenset(found.reasons.keys() - found.hopeless)
    return Verdict(pod, names, found.reasons, scores, resolvable, frozenset(found.plugins.values()))


def _before_filters(cycle: Cycle) -> tuple[str, str]:
    """(plugin, text) of what refuses the pod on all nodes at once: scheduling gates, then each plugin's PreFilter in order. ("", "") where nothing does."""
    gates = [item.name for item in cycle.pod.spec.scheduling_gates]
    if gates:
        return "SchedulingGates", f"{GATED}[{' '.join(gates)}]"
    if cycle.selects_nodes and nodes.named_by_affinity(cycle) == frozenset():
        return "NodeAffinity", nodes.AFFINITY_CONFLICT
    refused = volumes.before_filters(cycle)
    return ("VolumeBinding", refused) if refused else ("", "")


def filtered(cycle: Cycle) -> Filtered:
    """Every node through the filters, with the pods that are placed."""
    cluster = cycle.cluster
    named = nodes.named_by_affinity(cycle) if cycle.selects_nodes else None
    if named is None and not cycle.pod.spec.node_name:
        found = _by_taints(cycle)
        return _through(cycle, found, cycle.kind.ask(_later_filters)) if some(found.alive) else found
    found = Filtered(cluster.everywhere.copy(), {})
    for position, node in enumerate(cluster.nodes):
        if named is not None and node.name not in named:
            found.alive[position] = False
            found.reasons[node.name] = ("node(s) didn't satisfy plugin(s) [NodeAffinity]",)
            found.hopeless.add(node.name)
            found.plugins[node.name] = "NodeAffinity"
    return _through(cycle, found, cycle.kind.ask(_filters_for))


def _by_taints(cycle: Cycle) -> Filtered:
    """After the first filters, which look at nothing but tolerations and the nodes' taints and cordons: worked out once for all pods with these tolerations."""
    tolerations, known = cycle.pod.spec.tolerations, cycle.cluster.by_taints
    key = (_by_taints, id(tolerations))
    if key not in known:
        first = _through(cycle, Filtered(cycle.cluster.everywhere.copy(), {}), FILTERS[1:_FIRST])
        known[key] = (first, tolerations)  # held, so that no others get their id
    found: Filtered = known[key][0]
    return Filtered(found.alive.copy(), dict(found.reasons), set(found.hopeless), dict(found.plugins))


def _through(cycle: Cycle, found: Filtered, filters: Iterable[tuple[str, Filter, str]]) -> Filtered:
    """`found` after some more filters."""
    names_of, alive, reasons = cycle.cluster.names, found.alive, found.reasons
    for plugin, ask, mode in filters:
        before = alive
        for refusal in ask(cycle):
            if not some(refusal.nodes):
                continue
            hit = refusal.nodes & (before if mode == "all" else alive)
            if not some(hit):
                continue
            names = names_of[hit].tolist()
            for name in names:
                reasons[name] = (*reasons.get(name, ()), *refusal.reasons)
                found.plugins[name] = plugin
            if not refusal.resolvable:
                found.hopeless.update(names)
            alive = alive & ~hit
        if alive is not before and not some(alive):
            break
    found.alive = alive
    for name, texts in reasons.items():
        if len(texts) > 1:
            reasons[name] = tuple(sorted(texts))
    return found


def _filters_for(pod: Pod) -> tuple[tuple[str, Filter, str], ...]:
    return tuple(each for each in FILTERS if each[0] not in _ONLY_FOR or _ONLY_FOR[each[0]](pod))


def _later_filters(pod: Pod) -> tuple[tuple[str, Filter, str], ...]:
    first = FILTERS[:_FIRST]
    return tuple(each for each in _filters_for(pod) if each not in first)


def _scored(cycle: Cycle, feasible: Ints) -> dict[str, Ints]:
    found: dict[str, Ints] = {}
    for name, scorer, weight in SCORERS:
        scores = scorer(cycle, feasible)
        if scores is not None:
            found[name] = weight * scores
    return found
