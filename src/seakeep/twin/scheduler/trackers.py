"""Counts of placed pods by domain, kept current while pods are placed: what topology spread and inter-pod affinity look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask, PodGroup
from seakeep.twin.scheduler.kinds import PodKind

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


class Trackers:
    """All trackers of one run. A pod placed updates those that its kind matters to, and only those."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._all: list[Tracker] = []
        self._touched: dict[PodKind, list[tuple[Tracker, int]]] = {}
        self._groups: dict[PodKind, PodGroup] = {}
        self._identity = np.arange(cluster.size, dtype=np.int32)

    def by_key(self, key: str, weigh: Weigh, eligible: Mask | None = None) -> Tracker:
        """Pods on nodes that are not eligible do not count; ask about nodes by their domain, `counts[domains.codes]`."""
        domains = self._cluster.domains(key)
        codes = domains.codes if eligible is None else np.where(eligible, domains.codes, -1).astype(np.int32)
        tracker = Tracker(codes, len(domains.values), weigh)
        self._fill(tracker)
        return self._keep(tracker)

    def by_node(self, weigh: Weigh) -> Tracker:
        tracker = Tracker(self._identity, self._cluster.size, weigh)
        self._fill(tracker)
        return self._keep(tracker)

    def _keep(self, tracker: Tracker) -> Tracker:
        self._all.append(tracker)
        for kind, touched in self._touched.items():
            weight = tracker.weigh(self._groups[kind])
            if weight:
                tracker.live = True
                touched.append((tracker, weight))
        return tracker

    def _fill(self, tracker: Tracker) -> None:
        for group in self._cluster.groups.values():
            weight = tracker.weigh(group) if group.on else 0
            if weight:
                tracker.live = True
                for node, count in group.on.items():
                    if tracker.codes[node] >= 0:
                        tracker.counts[tracker.codes[node]] += weight * count

    def placed(self, kind: PodKind, node: int) -> None:
        touched = self._touched.get(kind)
        if touched is None:
            pod = kind.sample
            group = self._groups[kind] = PodGroup(pod.namespace, pod.labels, kind.terms, terminating=False)
            touched = self._touched[kind] = [
                (tracker, weight) for tracker in self._all if (weight := tracker.weigh(group))
            ]
            for tracker, _ in touched:
                tracker.live = True
        for tracker, weight in touched:
            code = tracker.codes[node]
            if code >= 0:
                tracker.counts[code] += weight
