"""What a plugin of the profile answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct

from seakeep.model.objects import Node, Pod
from seakeep.model.objects.pods import NodeSelectorTerm, Toleration
from seakeep.twin.labels import Labels, matches_required
from seakeep.twin.scheduler.claims import Claims, uses_claims
from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask, NodeKinds
from seakeep.twin.scheduler.kinds import PodKind

Tolerations = tuple[Toleration, ...]
MAX_SCORE = 100
# Stands for metadata.name among label keys; no label can be called so.
NAME = "metadata.name field"


class Refusal(Struct, frozen=True, gc=False):
    """The nodes that a filter refuses, all for the same reasons; `resolvable` where other pods' going could help (Unschedulable, else UnschedulableAndUnresolvable)."""

    nodes: Mask
    reasons: tuple[str, ...]
    resolvable: bool = False


class Cycle:
    """One pod to place against one state: what several plugins ask about the pair is worked out once."""

    def __init__(self, cluster: Cluster, pod: Pod, kind: PodKind | None = None) -> None:
        """`kind` where the caller knows the pod's: what follows from that is not worked out again."""
        self.cluster = cluster
        self.pod = pod
        self.kind = kind or PodKind(pod)
        self.namespace_labels: Labels = cluster.namespace_labels.get(pod.metadata.namespace, {})
        self.terms = self.kind.terms.resolved(cluster.namespace_labels)
        self.claims = Claims(cluster.objects, pod)

    @property
    def has_claims(self) -> bool:
        return self.kind.ask(uses_claims)

    @property
    def selects_nodes(self) -> bool:
        """By `nodeSelector` or node affinity."""
        spec = self.pod.spec
        return bool(spec.node_selector or (spec.affinity and spec.affinity.node_affinity))

    @cached_property
    def required_nodes(self) -> Mask:
        """The nodes that `nodeSelector` and required node affinity allow."""
        spec = self.pod.spec
        if not self.selects_nodes:
            return np.ones(self.cluster.size, dtype=bool)
        return self.by_labels(
            lambda node: matches_required(spec.node_selector, spec.affinity, node), self._selecting_keys
        ).astype(bool)

    @cached_property
    def _selecting_keys(self) -> frozenset[str]:
        affinity = self.pod.spec.affinity
        required = (
            affinity.node_affinity.required_during_scheduling_ignored_during_execution
            if affinity and affinity.node_affinity
            else None
        )
        return frozenset(self.pod.spec.node_selector) | keys_of(required.node_selector_terms if required else ())

    def by_labels(self, ask: Callable[[Node], int], keys: frozenset[str]) -> Ints:
        """`ask` of every node, where the answer depends on these labels only (`NAME` among them: on the name)."""
        nodes = self.cluster.nodes
        if NAME in keys:
            return np.fromiter((ask(node) for node in nodes), dtype=np.int64, count=len(nodes))
        return _spread_out(ask, nodes, self.cluster.kinds_of_nodes(keys))

    def by_taints(self, ask: Callable[[Tolerations, Node], int]) -> Ints:
        """`ask` of every node, where the answer depends on the pod's tolerations and the node's taints and cordon only. Cached until those of a node change; not to be written to."""
        tolerations, known = self.pod.spec.tolerations, self.cluster.by_taints
        found: Ints | None = known.get((ask, tolerations))
        if found is None:
            cluster = self.cluster
            found = _spread_out(lambda node: ask(tolerations, node), cluster.nodes, cluster.taint_kinds)
            known[ask, tolerations] = found
        return found

    def hit_by_taints(self, ask: Callable[[Tolerations, Node], int]) -> Mask | None:
        """The nodes of which it is so; None where there are none. Cached in the same way."""
        tolerations, known = self.pod.spec.tolerations, self.cluster.by_taints
        key = (ask, id(tolerations))
        found = known.get(key)
        if found is None:
            hit = self.by_taints(ask).astype(bool)
            found = known[key] = (hit if some(hit) else None, tolerations)  # held, so that no others get their id
        mask_: Mask | None = found[0]
        return mask_


def _spread_out(ask: Callable[[Node], int], nodes: Sequence[Node], kinds: NodeKinds) -> Ints:
    answers = np.fromiter(
        (ask(nodes[position]) for position in kinds.samples), dtype=np.int64, count=len(kinds.samples)
    )
    found: Ints = answers[kinds.group]
    return found


def keys_of(terms: Iterable[NodeSelectorTerm]) -> frozenset[str]:
    """The labels that node selector terms ask for, and `NAME` where they ask for the name."""
    found: set[str] = set()
    for term in terms:
        found.update(item.key for item in term.match_expressions)
        if term.match_fields:
            found.add(NAME)
    return frozenset(found)


def some(hit: Mask) -> bool:
    """Whether any is set. Asked several times for every pod: a few nodes cost less this way than numpy's own `any`, thousands as little."""
    return b"\x01" in hit.tobytes()


def mask(values: object) -> Mask:
    return np.fromiter(values, dtype=bool)  # type: ignore[call-overload, no-any-return]


def normalized(scores: Ints, *, reverse: bool = False) -> Ints:
    """To 0-100 by the highest; `helper.DefaultNormalizeScore`."""
    highest = int(scores.max(initial=0))
    if highest <= 0:
        return np.full_like(scores, MAX_SCORE) if reverse else scores
    scaled: Ints = MAX_SCORE * scores // highest
    return MAX_SCORE - scaled if reverse else scaled
