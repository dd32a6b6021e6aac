"""The default profile: which plugins run, in which order and with which weights (pkg/scheduler/apis/config/v1/default_plugins.go, Kubernetes 1.37), and what they say of one pod."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from seakeep.model.objects import Pod
from seakeep.twin.scheduler import disks, interpod, nodes, ports, resources, spread, volumes
from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask
from seakeep.twin.scheduler.plugin import Cycle, Refusal

Filter = Callable[[Cycle], Iterator[Refusal]]
Scorer = Callable[[Cycle, Ints], Ints | None]
# A plugin that yields several refusals gives a node all the reasons that hold ("all") or the first ("first").
FILTERS: tuple[tuple[str, Filter, str], ...] = (
    ("NodeName", nodes.node_name, "first"),
    ("NodeUnschedulable", nodes.unschedulable, "first"),
    ("TaintToleration", nodes.taints, "first"),
    ("NodeAffinity", nodes.affinity, "first"),
    ("NodePorts", ports.free_ports, "first"),
    ("NodeResourcesFit", resources.fit, "all"),
    ("VolumeRestrictions", disks.restrictions, "first"),
    ("NodeVolumeLimits", volumes.limits, "first"),
    ("VolumeBinding", volumes.binding, "all"),
    ("VolumeZone", volumes.zone, "first"),
    ("PodTopologySpread", spread.hard, "first"),
    ("InterPodAffinity", interpod.required, "first"),
)
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pod against every node. `reasons` has the refused nodes; `scores` plugin → weighted score per node of `feasible`, in its order."""

    pod: Pod
    feasible: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, Ints]

    @property
    def total(self) -> Ints:
        found = np.zeros(len(self.feasible), dtype=np.int64)
        for each in self.scores.values():
            found += each
        return found


def judge(cluster: Cluster, pod: Pod) -> Verdict:
    """What kube-scheduler would say of a pending pod, alone against this state."""
    cycle = Cycle(cluster, pod)
    whole = _before_filters(cycle)
    if whole is not None:
        return Verdict(pod, (), {node.name: whole for node in cluster.nodes}, {})
    alive, reasons = _filtered(cycle)
    feasible = np.flatnonzero(alive)
    names = tuple(cluster.names[feasible].tolist())
    return Verdict(pod, names, reasons, _scored(cycle, feasible) if len(feasible) else {})


def _before_filters(cycle: Cycle) -> tuple[str, ...] | None:
    """What refuses the pod on all nodes at once: scheduling gates, then each plugin's PreFilter in order."""
    gates = [item.name for item in cycle.pod.spec.scheduling_gates]
    if gates:
        return (f"waiting for scheduling gates: [{' '.join(gates)}]",)
    if nodes.named_by_affinity(cycle) == frozenset():
        return (nodes.AFFINITY_CONFLICT,)
    return volumes.before_filters(cycle)


def _filtered(cycle: Cycle) -> tuple[Mask, dict[str, tuple[str, ...]]]:
    cluster = cycle.cluster
    alive = np.ones(cluster.size, dtype=bool)
    reasons: dict[str, tuple[str, ...]] = {}
    named = nodes.named_by_affinity(cycle)
    if named is not None:
        for position, node in enumerate(cluster.nodes):
            if node.name not in named:
                alive[position] = False
                reasons[node.name] = ("node(s) didn't satisfy plugin(s) [NodeAffinity]",)
    for _, plugin, mode in FILTERS:
        before = alive.copy()
        for refusal in plugin(cycle):
            hit = refusal.nodes & (before if mode == "all" else alive)
            for number in np.flatnonzero(hit):
                name = cluster.nodes[int(number)].name
                reasons[name] = (*reasons.get(name, ()), *refusal.reasons)
            alive &= ~hit
        if not alive.any():
            break
    return alive, {name: tuple(sorted(texts)) for name, texts in reasons.items()}


def _scored(cycle: Cycle, feasible: Ints) -> dict[str, Ints]:
    found: dict[str, Ints] = {}
    for name, scorer, weight in SCORERS:
        scores = scorer(cycle, feasible)
        if scores is not None:
            found[name] = weight * scores
    return found
