"""Plugin PodTopologySpread: hard constraints filter, soft ones and the system's defaults score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seakeep.model.objects import Pod, ReplicaSet, ReplicationController, Service, StatefulSet
from seakeep.model.objects.pods import TopologySpread
from seakeep.twin.labels import Selector, compile_selector, from_map
from seakeep.twin.memo import by_identities, by_identity
from seakeep.twin.scheduler.cluster import Cluster, Domains, Ints, Mask
from seakeep.twin.scheduler.nodes import is_repelled
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal

REASON = "node(s) didn't match pod topology spread constraints"
REASON_LABEL = f"{REASON} (missing required label)"
HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
# What kube-scheduler does for pods without constraints (podtopologyspread/plugin.go).
_DEFAULTS = (
    TopologySpread(topology_key=HOSTNAME, when_unsatisfiable="ScheduleAnyway", max_skew=3),
    TopologySpread(topology_key=ZONE, when_unsatisfiable="ScheduleAnyway", max_skew=5),
)


@dataclass(frozen=True, slots=True)
class Constraint:
    key: str
    max_skew: int
    selector: Selector
    min_domains: int
    honor_affinity: bool
    honor_taints: bool


def _constraint(item: TopologySpread, pod: Pod) -> Constraint:
    selector = compile_selector(item.label_selector)
    own = {key: pod.labels[key] for key in item.match_label_keys if key in pod.labels}
    if own and not selector.nothing:
        selector = replace(selector, requirements=(*from_map(own).requirements, *selector.requirements))
    return Constraint(
        key=item.topology_key,
        max_skew=item.max_skew,
        selector=selector,
        min_domains=item.min_domains or 1,
        honor_affinity=item.node_affinity_policy == "Honor",
        honor_taints=item.node_taints_policy == "Honor",
    )


def hard_constraints(cycle: Cycle) -> tuple[Constraint, ...]:
    return cycle.kind.ask(_hard)


def soft_constraints(cycle: Cycle) -> tuple[Constraint, ...]:
    """The pod's own; for a pod without any constraint, the system's."""
    if cycle.pod.spec.topology_spread_constraints:
        return cycle.kind.ask(_soft)
    return _default_constraints(cycle)


def _hard(pod: Pod) -> tuple[Constraint, ...]:
    return _constraints(pod, "DoNotSchedule")


def _soft(pod: Pod) -> tuple[Constraint, ...]:
    return _constraints(pod, "ScheduleAnyway")


def _constraints(pod: Pod, when: str) -> tuple[Constraint, ...]:
    return tuple(
        _constraint(item, pod) for item in pod.spec.topology_spread_constraints if item.when_unsatisfiable == when
    )


def included(cycle: Cycle, item: Constraint) -> Mask:
    """Nodes that count for a constraint, by its inclusion policies."""
    found = cycle.required_nodes if item.honor_affinity else np.ones(cycle.cluster.size, dtype=bool)
    if item.honor_taints:
        found = found & ~cycle.by_taints(is_repelled).astype(bool)
    return found


def _matching(cluster: Cluster, pod: Pod, selector: Selector) -> Ints:
    """Placed pods of the namespace that a selector picks, by node; those that terminate do not count, and an empty selector picks none."""
    if selector.empty:
        return cluster.zeros()
    return cluster.summed(
        group
        for group in cluster.groups_in(pod.namespace)
        if group.on and not group.terminating and selector.matches(group.labels)
    )


def with_all_keys(cluster: Cluster, constraints: Sequence[Constraint]) -> Mask:
    found = np.ones(cluster.size, dtype=bool)
    for item in constraints:
        found &= cluster.domains(item.key).present
    return found


def hard(cycle: Cycle) -> Iterator[Refusal]:
    """Per constraint in order: a node without the label, then one whose domain would be more than maxSkew above the least."""
    cluster, pod = cycle.cluster, cycle.pod
    constraints = hard_constraints(cycle)
    if not constraints:
        return
    with_keys = with_all_keys(cluster, constraints)
    for item in constraints:
        domains = cluster.domains(item.key)
        yield Refusal(~domains.present, (REASON_LABEL,))
        eligible = with_keys & included(cycle, item)
        counts = _matching(cluster, pod, item.selector)
        size = len(domains.values)
        in_domain = np.zeros(size + 1, dtype=np.int64)
        np.add.at(in_domain, domains.codes[eligible], counts[eligible])
        seen = np.unique(domains.codes[eligible])
        least = int(in_domain[seen].min(initial=np.iinfo(np.int64).max)) if len(seen) >= item.min_domains else 0
        if not len(seen):
            least = 0
        own = int(item.selector.matches(pod.labels))
        in_domain[size] = 0
        yield Refusal(
            domains.present & (in_domain[domains.codes] + own - least > item.max_skew), (REASON,), resolvable=True
        )


def soft_score(cycle: Cycle, feasible: Ints) -> Ints | None:
    """Fewer matching pods in a node's domains are better; None where no soft constraint applies."""
    cluster, pod = cycle.cluster, cycle.pod
    constraints = soft_constraints(cycle)
    if not constraints:
        return None
    explicit = bool(pod.spec.topology_spread_constraints)
    complete = with_all_keys(cluster, constraints) if explicit else np.ones(cluster.size, dtype=bool)
    at_nodes: list[Ints] = []
    domains_ = [cluster.domains(item.key) for item in constraints]
    known: tuple[Selector, Ints] | None = None  # the default constraints ask the same twice
    for item, domains in zip(constraints, domains_, strict=True):
        if known is None or known[0] is not item.selector:
            known = (item.selector, _matching(cluster, pod, item.selector))
        counts = known[1]
        if item.key == HOSTNAME:
            at_nodes.append(counts[feasible])
            continue
        eligible = complete & included(cycle, item)
        in_domain = np.zeros(len(domains.values) + 1, dtype=np.int64)
        holding = np.flatnonzero(np.where(eligible, counts, 0))  # few nodes have any
        np.add.at(in_domain, domains.codes[holding], counts[holding])
        if "" in domains.values:
            # A node without the label is of the domain of an empty value (where that is not required).
            in_domain[domains.values.index("")] += in_domain[-1]
        at_nodes.append(in_domain[domains.codes[feasible]])
    return SoftView(constraints, domains_, feasible, ~complete[feasible]).normalized(at_nodes)


class SoftView:
    """Soft constraints over one set of feasible nodes: what does not depend on placed pods. `ignored` nodes lack a label and score 0."""

    def __init__(
        self, constraints: Sequence[Constraint], domains: Sequence[Domains], feasible: Ints, ignored: Mask
    ) -> None:
        self.feasible, self._ignored = feasible, ignored if ignored.any() else None
        kept = feasible if self._ignored is None else feasible[~ignored]
        self._factors: list[NDArray[np.float64]] = []
        self._offsets: list[Ints] = []
        for item, known in zip(constraints, domains, strict=True):
            size = len(kept) if item.key == HOSTNAME else _domains_of(known, kept)
            present = known.present[feasible]
            self._factors.append(np.where(present, np.log(size + 2), 0.0))
            self._offsets.append(np.where(present, item.max_skew - 1, 0))

    def normalized(self, at_nodes: Sequence[Ints]) -> Ints:
        """From matching pods in each feasible node's domain, per constraint, to 0-100."""
        raw = np.zeros(len(self.feasible), dtype=np.float64)
        for counts, factor, offset in zip(at_nodes, self._factors, self._offsets, strict=True):
            raw += counts * factor + offset
        # Go's math.Round: half away from zero.
        scores = np.floor(raw + 0.5).astype(np.int64)
        kept = scores if self._ignored is None else scores[~self._ignored]
        highest = int(kept.max(initial=0))
        if highest == 0:
            found = np.full(len(scores), MAX_SCORE, dtype=np.int64)
        else:
            lowest = int(kept.min(initial=np.iinfo(np.int64).max))
            found = MAX_SCORE * (highest + lowest - scores) // highest
        return found if self._ignored is None else np.where(self._ignored, 0, found)


def _domains_of(known: Domains, kept: Ints) -> int:
    seen = np.zeros(len(known.values) + 1, dtype=bool)
    seen[known.codes[kept]] = True
    if "" in known.values and seen[-1]:
        seen[-1], seen[known.values.index("")] = False, True
    return int(np.count_nonzero(seen))


def _default_constraints(cycle: Cycle) -> tuple[Constraint, ...]:
    """By the selectors of the Services and the controller that the pod belongs to; none where there are none."""
    return _defaults(_default_selector(cycle.cluster, cycle.pod))


@by_identity
def _defaults(selector: Selector) -> tuple[Constraint, ...]:
    if selector.empty:
        return ()
    return tuple(
        Constraint(item.topology_key, item.max_skew, selector, 1, honor_affinity=True, honor_taints=False)
        for item in _DEFAULTS
    )


def _default_selector(cluster: Cluster, pod: Pod) -> Selector:
    """`helper.DefaultSelector`: every Service's selector that picks the pod, and its controller's."""
    merged: dict[str, str] = {}
    for service in cluster.objects.picking(Service, pod.namespace, pod.labels):
        merged.update(service.spec.selector)
    owner = next((item for item in pod.metadata.owner_references if item.controller), None)
    if owner is None:
        return from_map(merged)
    if (owner.api_version, owner.kind) == ("v1", "ReplicationController"):
        controller = cluster.objects.get(ReplicationController, pod.namespace, owner.name)
        return from_map(merged | (controller.spec.selector if controller else {}))
    struct = {"ReplicaSet": ReplicaSet, "StatefulSet": StatefulSet}.get(owner.kind)
    if struct is None or owner.api_version != "apps/v1":
        return from_map(merged)
    workload = cluster.objects.get(struct, pod.namespace, owner.name)
    if workload is None or workload.spec.selector is None:
        return from_map(merged)
    return _both(from_map(merged), compile_selector(workload.spec.selector))


@by_identities
def _both(one: Selector, other: Selector) -> Selector:
    return Selector((*one.requirements, *other.requirements))
