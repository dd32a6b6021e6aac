"""Counts of placed pods by domain, kept current while pods are placed: what topology spread and inter-pod affinity look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask, PodGroup
from seakeep.twin.scheduler.kinds import PodKind

T = TypeVar("T")
# How much one pod of a group counts: 0 for one that does not matter.
Weigh = Callable[[PodGroup], int]


class Tracker:
    """`counts[code]` sums the weights of the pods on nodes with that code; the last entry stands for nodes without a code and stays 0."""

    __slots__ = ("codes", "counts", "live", "weigh")

    def __init__(self, codes: NDArray[np.int32], size: int, weigh: Weigh) -> None:
        self.codes = codes
        self.counts: Ints = np.zeros(size + 1, dtype=np.int64)
        self.weigh = weigh
        # Whether any pod seen so far counts at all.
        self.live = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pods a tracker can count at all: those of one namespace, those with required anti-affinity, those with any pod affinity, or (none of these) all."""

    namespace: str = ""
    anti_affinity: bool = False
    pod_affinity: bool = False


ALL = Scope()
REPELLING = Scope(anti_affinity=True)
PULLING = Scope(pod_affinity=True)


class _ByScope(Generic[T]):
    """Things by the scopes that they fall into."""

    def __init__(self) -> None:
        self._found: dict[Scope, list[T]] = defaultdict(list)

    def add(self, scopes: Iterable[Scope], item: T) -> None:
        for scope in scopes:
            self._found[scope].append(item)

    def within(self, *scopes: Scope) -> Iterator[T]:
        for scope in scopes:
            yield from self._found.get(scope, ())


class Trackers:
    """All trackers of one run. A pod placed updates those that its kind matters to, and only those."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._trackers: _ByScope[Tracker] = _ByScope()
        self._touched: dict[PodKind, list[tuple[Tracker, int]]] = {}
        self._met: _ByScope[tuple[PodKind, PodGroup]] = _ByScope()
        self._placed: _ByScope[tuple[object, ...]] = _ByScope()
        self._keys: set[tuple[object, ...]] = set()
        self._identity = np.arange(cluster.size, dtype=np.int32)
        for key, group in cluster.groups.items():
            self._keys.add(key)
            self._placed.add(_scopes(group), key)

    def by_key(self, key: str, weigh: Weigh, scope: Scope = ALL, eligible: Mask | None = None) -> Tracker:
        """Pods on nodes that are not eligible do not count; ask about nodes by their domain, `counts[domains.codes]`."""
        domains = self._cluster.domains(key)
        codes = domains.codes if eligible is None else np.where(eligible, domains.codes, -1).astype(np.int32)
        return self._keep(Tracker(codes, len(domains.values), weigh), scope)

    def by_node(self, weigh: Weigh, scope: Scope = ALL) -> Tracker:
        return self._keep(Tracker(self._identity, self._cluster.size, weigh), scope)

    def _keep(self, tracker: Tracker, scope: Scope) -> Tracker:
        self._fill(tracker, scope)
        self._trackers.add([scope], tracker)
        for kind, group in self._met.within(scope):
            weight = tracker.weigh(group)
            if weight:
                tracker.live = True
                self._touched[kind].append((tracker, weight))
        return tracker

    def _fill(self, tracker: Tracker, scope: Scope) -> None:
        for key in self._placed.within(scope):
            group = self._cluster.groups[key]
            weight = tracker.weigh(group) if group.on else 0
            if weight:
                tracker.live = True
                for node, count in group.on.items():
                    if tracker.codes[node] >= 0:
                        tracker.counts[tracker.codes[node]] += weight * count

    def placed(self, kind: PodKind, node: int) -> None:
        touched = self._touched.get(kind)
        if touched is None:
            touched = self._touched[kind] = self._meet(kind)
        for tracker, weight in touched:
            code = tracker.codes[node]
            if code >= 0:
                tracker.counts[code] += weight

    def _meet(self, kind: PodKind) -> list[tuple[Tracker, int]]:
        pod = kind.sample
        group = PodGroup(pod.namespace, pod.labels, kind.terms, terminating=False)
        scopes = _scopes(group)
        if kind.group_key not in self._keys:
            self._keys.add(kind.group_key)
            self._placed.add(scopes, kind.group_key)
        self._met.add(scopes, (kind, group))
        touched = []
        for tracker in self._trackers.within(*scopes):
            weight = tracker.weigh(group)
            if weight:
                tracker.live = True
                touched.append((tracker, weight))
        return touched


def _scopes(group: PodGroup) -> list[Scope]:
    found = [ALL, Scope(namespace=group.namespace)]
    if group.terms.anti_affinity:
        found.append(REPELLING)
    if group.terms.has_pod_affinity:
        found.append(PULLING)
    return found
