"""Places many pods one after the other, with the same decisions as `judge` and `best`, at a small cost per pod.

Per kind of pods, what depends on nodes alone is worked out once; what depends on placed pods is kept current: rows of nodes that took a pod are worked out anew, counts by domain are
counted on. kube-scheduler reuses results for equal pods in the same spirit (OpportunisticBatching).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np

from seakeep.model.objects import Pod
from seakeep.twin.requests import is_scalar
from seakeep.twin.scheduler import features, interpod, nodes, resources, spread
from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask, PodGroup
from seakeep.twin.scheduler.kinds import Kinds, PodKind, is_bound_to_nodes
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, normalized
from seakeep.twin.scheduler.ports import host_ports
from seakeep.twin.scheduler.profile import judge
from seakeep.twin.scheduler.spread import HOSTNAME, Constraint
from seakeep.twin.scheduler.terms import Term
from seakeep.twin.scheduler.trackers import Tracker, Trackers, Weigh, picked_by, speaking_of

# Up to so many nodes are worked out one by one.
_FEW = 12
_ROOM = ("cpu", "memory", "ephemeral-storage")


class Filler:
    """Changes the cluster that it is given: placed pods are charged to it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._kinds = Kinds()
        self._trackers = Trackers(cluster)
        self._plans: dict[PodKind, _Plan | None] = {}
        self._log: list[int] = []
        self._keys: set[str] = set()
        for group in cluster.groups.values():
            self._keys |= group.terms.topology_keys

    def place(self, pod: Pod) -> int:
        """The index of the pod's node, or -1 where none can take it."""
        kind = self._kinds.of(pod)
        node = self.choose(kind)
        if node is None:
            verdict = judge(self.cluster, pod)
            node = self.cluster.index[verdict.feasible[int(np.argmax(verdict.total))]] if verdict.feasible else -1
        if node >= 0:
            self.cluster.place(pod, node, kind.reserved, kind.group_key)
            self.placed(kind, node)
        return node

    def choose(self, kind: PodKind) -> int | None:
        """The index of the best node for a pod of the kind, -1 where none can take it; None for a kind that has to be judged pod by pod."""
        if kind not in self._plans:
            self._meet(kind)
            simple = is_simple(kind.sample)
            self._plans[kind] = _Plan(self.cluster, kind, self._trackers, self._keys) if simple else None
        plan = self._plans[kind]
        return plan.choose(self._log) if plan is not None else None

    def placed(self, kind: PodKind, node: int) -> None:
        """A pod of the kind has been charged to the cluster."""
        self._meet(kind)
        self._trackers.placed(kind, node)
        self._log.append(node)

    def _meet(self, kind: PodKind) -> None:
        """A kind's terms may speak of a topology key that no earlier plan watches."""
        fresh = kind.terms.topology_keys - self._keys
        if fresh:
            self._keys |= fresh
            for plan in self._plans.values():
                if plan is not None:
                    plan.affinity.watch(fresh)


def fill(cluster: Cluster, pods: Iterable[Pod]) -> list[int]:
    """Node indexes in the pods' order; -1 for a pod that fits nowhere."""
    filler = Filler(cluster)
    return [filler.place(pod) for pod in pods]


def is_simple(pod: Pod) -> bool:
    """Claims, disks, host ports, gates and named nodes are judged pod by pod."""
    spec = pod.spec
    special = any(is_bound_to_nodes(item) for item in spec.volumes)
    return not (special or spec.scheduling_gates or spec.node_name or host_ports(pod))


class _Plan:
    """One kind of pods against the cluster as it fills."""

    def __init__(self, cluster: Cluster, kind: PodKind, trackers: Trackers, keys: Iterable[str]) -> None:
        self.cluster, self.kind = cluster, kind
        cycle = Cycle(cluster, kind.sample)
        self._static = _static(cycle)
        self._room = [
            (name, amount)
            for name, amount in kind.reserved.requests.items()
            if amount > 0 and (name in _ROOM or is_scalar(name))
        ]
        everywhere = np.arange(cluster.size)
        self._preferred = nodes.preferred_weights(cycle, everywhere)
        self._repelled_taints = _raw_taints(cycle)
        self._images = nodes.image_score(cycle, everywhere) if cluster.size else cluster.zeros()
        self._hard = [_Hard(cycle, item, trackers) for item in spread.hard_constraints(cycle)]
        self._soft = _Soft(cycle, trackers) if spread.soft_constraints(cycle) else None
        self.affinity = _Affinity(cycle, trackers)
        self.affinity.watch(keys)
        # Resource scores with image scores; -1 where the pod does not fit.
        self._fixed = np.full(cluster.size, -1, dtype=np.int64)
        self._seen = 0
        self._refresh(everywhere)

    def choose(self, log: list[int]) -> int:
        if self._seen < len(log):
            fresh = set(log[self._seen :])
            if len(fresh) <= _FEW:
                for row in fresh:
                    self._fixed[row] = self._one(row)
            else:
                self._refresh(np.array(sorted(fresh), dtype=np.int64))
            self._seen = len(log)
        total = self._fixed
        if self._hard or self.affinity.filters:
            allowed = total >= 0
            for item in self._hard:
                allowed &= item.allowed()
            allowed &= self.affinity.allowed()
            total = np.where(allowed, total, -1)
        if self._preferred is None and self._repelled_taints is None and not self._soft and not self.affinity.scores:
            best = int(np.argmax(total)) if len(total) else -1
            return best if best >= 0 and total[best] >= 0 else -1
        feasible = np.flatnonzero(total >= 0)
        if not len(feasible):
            return -1
        sums = total[feasible]
        if self._repelled_taints is not None:
            sums = sums + 3 * normalized(self._repelled_taints[feasible], reverse=True)
        if self._preferred is not None:
            sums = sums + 2 * normalized(self._preferred[feasible])
        if self._soft:
            sums = sums + 2 * self._soft.scores(feasible)
        if self.affinity.scores:
            sums = sums + 2 * self.affinity.score(feasible)
        return int(feasible[int(np.argmax(sums))])

    def _one(self, row: int) -> int:
        """As `_refresh` for a single node, in plain numbers: faster than arrays of one."""
        cluster = self.cluster
        if not self._static[row] or cluster.pod_count[row] >= cluster.allowed_pods[row]:
            return -1
        for name, amount in self._room:
            have = cluster.allocatable.get(name)
            if have is None or amount > have[row] - cluster.requested[name][row]:
                return -1
        (cpu, memory), (plain_cpu, plain_memory) = self.kind.scored
        cpus, memories = int(cluster.allocatable["cpu"][row]), int(cluster.allocatable["memory"][row])
        shares = [
            (capacity - used) * MAX_SCORE // capacity if used <= capacity else 0
            for capacity, used in (
                (cpus, int(cluster.nonzero_cpu[row]) + cpu),
                (memories, int(cluster.nonzero_memory[row]) + memory),
            )
            if capacity > 0
        ]
        score = sum(shares) // max(len(shares), 1) + int(self._images[row])
        if plain_cpu or plain_memory:
            before, after = MAX_SCORE, MAX_SCORE
            if cpus > 0 and memories > 0:
                used_cpu, used_memory = int(cluster.requested["cpu"][row]), int(cluster.requested["memory"][row])
                before = _even(used_cpu / cpus, used_memory / memories)
                after = _even((used_cpu + plain_cpu) / cpus, (used_memory + plain_memory) / memories)
            score += MAX_SCORE // 2 + (MAX_SCORE // 2 + after - before) // 2
        return score

    def _refresh(self, rows: Ints) -> None:
        """Room and resource scores of some nodes."""
        cluster = self.cluster
        fits = self._static[rows] & (cluster.pod_count[rows] < cluster.allowed_pods[rows])
        for name, amount in self._room:
            have = cluster.allocatable.get(name)
            if have is None:
                fits[:] = False
                break
            fits &= amount <= have[rows] - cluster.requested[name][rows]
        (cpu, memory), (plain_cpu, plain_memory) = self.kind.scored
        cpus, memories = cluster.allocatable["cpu"][rows], cluster.allocatable["memory"][rows]
        score = resources.least(cpus, cluster.nonzero_cpu[rows] + cpu, memories, cluster.nonzero_memory[rows] + memory)
        if plain_cpu or plain_memory:
            used_cpu, used_memory = cluster.requested["cpu"][rows], cluster.requested["memory"][rows]
            before = resources.balance(used_cpu, cpus, used_memory, memories)
            after = resources.balance(used_cpu + plain_cpu, cpus, used_memory + plain_memory, memories)
            score = score + (MAX_SCORE // 2 + (MAX_SCORE // 2 + after - before) // 2)
        self._fixed[rows] = np.where(fits, score + self._images[rows], -1)


def _static(cycle: Cycle) -> Mask:
    found = np.ones(cycle.cluster.size, dtype=bool)
    for refusal in chain(
        nodes.unschedulable(cycle), nodes.taints(cycle), nodes.affinity(cycle), features.declared(cycle)
    ):
        found &= ~refusal.nodes
    named = nodes.named_by_affinity(cycle)
    if named is not None:
        found &= np.array([node.name in named for node in cycle.cluster.nodes], dtype=bool)
    return found


def _raw_taints(cycle: Cycle) -> Ints | None:
    """None where no node has a PreferNoSchedule taint that the pod does not tolerate: all nodes score alike."""
    counts = nodes.repelling_taints(cycle, np.arange(cycle.cluster.size))
    return counts if counts.any() else None


def _even(one: float, two: float) -> int:
    return int((1 - abs((min(one, 1.0) - min(two, 1.0)) / 2)) * float(MAX_SCORE))


def _selects(cycle: Cycle, item: Constraint) -> Weigh:
    namespace, selector = cycle.pod.namespace, item.selector

    def weigh(group: PodGroup) -> int:
        return int(
            group.namespace == namespace
            and not group.terminating
            and not selector.empty
            and selector.matches(group.labels)
        )

    return weigh


class _Hard:
    """One DoNotSchedule constraint."""

    def __init__(self, cycle: Cycle, item: Constraint, trackers: Trackers) -> None:
        cluster = cycle.cluster
        self._item = item
        self._domains = cluster.domains(item.key)
        eligible = spread.with_all_keys(cluster, spread.hard_constraints(cycle)) & spread.included(cycle, item)
        self._tracker = trackers.by_key(item.key, _selects(cycle, item), [picked_by(item.selector)], eligible)
        self._seen = np.unique(self._domains.codes[eligible])
        self._own = int(item.selector.matches(cycle.pod.labels))
        self._few = len(self._seen) < max(item.min_domains, 1)

    def allowed(self) -> Mask:
        counts = self._tracker.counts
        least = 0 if self._few else int(counts[self._seen].min())
        good = counts + (self._own - least) <= self._item.max_skew
        good[-1] = False
        found: Mask = good[self._domains.codes]
        return found


class _Soft:
    """The ScheduleAnyway constraints, or the system's own."""

    def __init__(self, cycle: Cycle, trackers: Trackers) -> None:
        cluster = cycle.cluster
        self._items = spread.soft_constraints(cycle)
        explicit = bool(cycle.pod.spec.topology_spread_constraints)
        self._complete = spread.with_all_keys(cluster, self._items) if explicit else np.ones(cluster.size, dtype=bool)
        self._domains = [cluster.domains(item.key) for item in self._items]
        self._trackers: list[Tracker] = []
        # Of the nodes that were feasible last: they are mostly the same again.
        self._view: spread.SoftView | None = None
        self._places: list[Ints] = []
        for item in self._items:
            weigh, traits = _selects(cycle, item), [picked_by(item.selector)]
            if item.key == HOSTNAME:
                self._trackers.append(trackers.by_node(weigh, traits))
            else:
                self._trackers.append(
                    trackers.by_key(item.key, weigh, traits, self._complete & spread.included(cycle, item))
                )

    def scores(self, feasible: Ints) -> Ints:
        if self._view is None or not np.array_equal(self._view.feasible, feasible):
            self._view = spread.SoftView(self._items, self._domains, feasible, ~self._complete[feasible])
            self._places = [
                feasible if item.key == HOSTNAME else domains.codes[feasible].astype(np.int64)
                for item, domains in zip(self._items, self._domains, strict=True)
            ]
        return self._view.normalized(
            [tracker.counts[places] for tracker, places in zip(self._trackers, self._places, strict=True)]
        )


class _Affinity:
    """Required terms of the pod and against it, and preferred ones, as counts by domain."""

    def __init__(self, cycle: Cycle, trackers: Trackers) -> None:
        self._cluster, terms = cycle.cluster, cycle.terms
        self._pod, self._namespace_labels = cycle.pod, cycle.namespace_labels
        self._trackers = trackers
        self._near = [
            (
                self._cluster.domains(term.topology_key),
                trackers.by_key(term.topology_key, _all_of(terms.affinity), [picked_by(term.selector)]),
            )
            for term in terms.affinity
        ]
        self._self_match = bool(terms.affinity) and all(
            term.matches(cycle.pod.namespace, cycle.pod.labels, {}) for term in terms.affinity
        )
        self._far = [
            trackers.by_key(term.topology_key, _one_of(term), [picked_by(term.selector)])
            for term in terms.anti_affinity
        ]
        self._preferred = (terms.preferred, terms.preferred_anti)
        self._against: list[Tracker] = []
        self._wanted: list[Tracker] = []

    def watch(self, keys: Iterable[str]) -> None:
        """Count by these topology keys, too, what placed pods' terms do to the pod and the pod's to them."""
        for key in sorted(keys):
            against = speaking_of("repels", self._pod.labels)
            self._against.append(self._trackers.by_key(key, self._repels(key), against))
            wanted = speaking_of("pulls", self._pod.labels)
            wanted += [picked_by(term.selector) for term in chain(*self._preferred)]
            self._wanted.append(self._trackers.by_key(key, self._attracts(key, *self._preferred), wanted))

    @property
    def filters(self) -> bool:
        return bool(self._near or self._far) or any(item.live for item in self._against)

    @property
    def scores(self) -> bool:
        return any(item.live for item in self._wanted)

    def allowed(self) -> Mask:
        found = np.ones(self._cluster.size, dtype=bool)
        for item in (*self._far, *self._against):
            if item.live:
                found &= ~(item.counts > 0)[item.codes]
        if self._near:
            found &= self._near_mask()
        return found

    def _near_mask(self) -> Mask:
        labelled = np.ones(self._cluster.size, dtype=bool)
        satisfied = np.ones(self._cluster.size, dtype=bool)
        counted = False
        by_key: dict[int, Ints] = {}
        for domains, tracker in self._near:
            by_key[id(domains)] = by_key.get(id(domains), np.zeros_like(tracker.counts)) + tracker.counts
        for domains, _ in self._near:
            counts = by_key[id(domains)]
            counted = counted or bool(counts.any())
            labelled &= domains.present
            satisfied &= domains.present & (counts > 0)[domains.codes]
        return labelled if not counted and self._self_match else satisfied

    def score(self, feasible: Ints) -> Ints:
        raw = np.zeros(len(feasible), dtype=np.int64)
        for item in self._wanted:
            raw += item.counts[item.codes[feasible]]
        return interpod.scaled(raw)

    def _repels(self, key: str) -> Weigh:
        pod, labels = self._pod, self._namespace_labels

        def weigh(group: PodGroup) -> int:
            return sum(
                term.topology_key == key and term.matches(pod.namespace, pod.labels, labels)
                for term in group.terms.anti_affinity
            )

        return weigh

    def _attracts(self, key: str, preferred: tuple[Term, ...], preferred_anti: tuple[Term, ...]) -> Weigh:
        pod, labels = self._pod, self._namespace_labels
        ours = [(term, term.weight) for term in preferred if term.topology_key == key]
        ours += [(term, -term.weight) for term in preferred_anti if term.topology_key == key]

        def weigh(group: PodGroup) -> int:
            found = sum(weight for term, weight in ours if term.matches(group.namespace, group.labels, {}))
            for term, weight in interpod.pull(group):
                if term.topology_key == key and term.matches(pod.namespace, pod.labels, labels):
                    found += weight
            return found

        return weigh


def _all_of(terms: tuple[Term, ...]) -> Weigh:
    return lambda group: int(all(term.matches(group.namespace, group.labels, {}) for term in terms))


def _one_of(term: Term) -> Weigh:
    return lambda group: int(term.matches(group.namespace, group.labels, {}))
