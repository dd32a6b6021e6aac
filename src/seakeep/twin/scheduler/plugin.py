"""What a plugin of the profile answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seakeep.model.objects import Pod
from seakeep.twin.labels import Labels, matches_required
from seakeep.twin.scheduler.claims import Claims
from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask
from seakeep.twin.scheduler.terms import PodTerms, terms_of

MAX_SCORE = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """The nodes that a filter refuses, all for the same reasons."""

    nodes: Mask
    reasons: tuple[str, ...]


class Cycle:
    """One pod to place against one state: what several plugins ask about the pair is worked out once."""

    def __init__(self, cluster: Cluster, pod: Pod) -> None:
        self.cluster = cluster
        self.pod = pod

    @cached_property
    def namespace_labels(self) -> Labels:
        return self.cluster.namespace_labels.get(self.pod.namespace, {})

    @cached_property
    def terms(self) -> PodTerms:
        return terms_of(self.pod).resolved(self.cluster.namespace_labels)

    @cached_property
    def claims(self) -> Claims:
        return Claims(self.cluster.snapshot, self.pod)

    @cached_property
    def required_nodes(self) -> Mask:
        """The nodes that `nodeSelector` and required node affinity allow."""
        spec = self.pod.spec
        if not spec.node_selector and not (spec.affinity and spec.affinity.node_affinity):
            return np.ones(self.cluster.size, dtype=bool)
        return mask(matches_required(spec.node_selector, spec.affinity, node) for node in self.cluster.nodes)


def mask(values: object) -> Mask:
    return np.fromiter(values, dtype=bool)  # type: ignore[call-overload, no-any-return]


def normalized(scores: Ints, *, reverse: bool = False) -> Ints:
    """To 0-100 by the highest; `helper.DefaultNormalizeScore`."""
    highest = int(scores.max(initial=0))
    if highest <= 0:
        return np.full_like(scores, MAX_SCORE) if reverse else scores
    scaled: Ints = MAX_SCORE * scores // highest
    return MAX_SCORE - scaled if reverse else scaled
