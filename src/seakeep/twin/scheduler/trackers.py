"""Counts of placed pods by domain, kept current while pods are placed: what topology spread and inter-pod affinity look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Generic, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from seakeep.twin.labels import Labels, Selector
from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask, PodGroup
from seakeep.twin.scheduler.interpod import pull
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


class Trait(NamedTuple):
    """What a group of pods has and a tracker can look for, so that the two need not be compared otherwise: a label, or a term that asks for a label.

    `label` is None for a term or a selector that does not ask for any one value of a label; every group has the trait of a label that is None.
    """

    what: Literal["labelled", "repels", "pulls"]
    label: tuple[str, str] | None = None


EVERY = Trait("labelled")


def picked_by(selector: Selector) -> Trait:
    """All groups that the selector can pick have this."""
    asked = (item for item in selector.requirements if item.operator == "In" and len(item.values) == 1)
    found = next(asked, None)
    return Trait("labelled", (found.key, found.values[0])) if found else EVERY


def speaking_of(what: Literal["repels", "pulls"], labels: Labels) -> list[Trait]:
    """All groups with a term that can pick a pod with these labels have one of these."""
    return [Trait(what), *(Trait(what, label) for label in labels.items())]


def _traits(group: PodGroup) -> list[Trait]:
    found = [EVERY, *(Trait("labelled", label) for label in group.labels.items())]
    found += [Trait("repels", picked_by(term.selector).label) for term in group.terms.anti_affinity]
    return found + [Trait("pulls", picked_by(term.selector).label) for term, _ in pull(group)]


class _ByTrait(Generic[T]):
    """Things by the traits that they have or look for."""

    def __init__(self) -> None:
        self._found: dict[Trait, list[T]] = defaultdict(list)

    def add(self, traits: Iterable[Trait], item: T) -> None:
        for trait in dict.fromkeys(traits):
            self._found[trait].append(item)

    def any_of(self, traits: Iterable[Trait]) -> Iterable[T]:
        return dict.fromkeys(chain.from_iterable(self._found.get(trait, ()) for trait in traits))


class Trackers:
    """All trackers of one run. A pod placed updates those that its kind matters to, and only those."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._trackers: _ByTrait[Tracker] = _ByTrait()
        self._touched: dict[PodKind, list[tuple[Tracker, int]]] = {}
        self._met: _ByTrait[PodKind] = _ByTrait()
        self._groups: dict[PodKind, PodGroup] = {}
        self._placed: _ByTrait[tuple[object, ...]] = _ByTrait()
        self._keys: set[tuple[object, ...]] = set()
        self._identity = np.arange(cluster.size, dtype=np.int32)
        for key, group in cluster.groups.items():
            self._keys.add(key)
            self._placed.add(_traits(group), key)

    def by_key(self, key: str, weigh: Weigh, traits: Sequence[Trait], eligible: Mask | None = None) -> Tracker:
        """Of groups with one of these traits. Pods on nodes that are not eligible do not count; ask about nodes by their domain, `counts[domains.codes]`."""
        domains = self._cluster.domains(key)
        codes = domains.codes if eligible is None else np.where(eligible, domains.codes, -1).astype(np.int32)
        return self._keep(Tracker(codes, len(domains.values), weigh), traits)

    def by_node(self, weigh: Weigh, traits: Sequence[Trait]) -> Tracker:
        return self._keep(Tracker(self._identity, self._cluster.size, weigh), traits)

    def _keep(self, tracker: Tracker, traits: Sequence[Trait]) -> Tracker:
        self._fill(tracker, traits)
        self._trackers.add(traits, tracker)
        for kind in self._met.any_of(traits):
            weight = tracker.weigh(self._groups[kind])
            if weight:
                tracker.live = True
                self._touched[kind].append((tracker, weight))
        return tracker

    def _fill(self, tracker: Tracker, traits: Sequence[Trait]) -> None:
        for key in self._placed.any_of(traits):
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
        traits = _traits(group)
        if kind.group_key not in self._keys:
            self._keys.add(kind.group_key)
            self._placed.add(traits, kind.group_key)
        self._groups[kind] = group
        self._met.add(traits, kind)
        touched = []
        for tracker in self._trackers.any_of(traits):
            weight = tracker.weigh(group)
            if weight:
                tracker.live = True
                touched.append((tracker, weight))
        return touched
