"""What a node is: its name, cordon, taints, labels and images. Plugins NodeName, NodeUnschedulable, TaintToleration, NodeAffinity, ImageLocality."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seakeep.facts.scheduling.placement import CORDON_TAINT, tolerates
from seakeep.model.objects import Node, Pod, Taint
from seakeep.twin.labels import matches_term
from seakeep.twin.scheduler.cluster import Ints
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal, Tolerations, keys_of, mask, normalized

NAME = "node(s) didn't match the requested node name"
CORDONED = "node(s) were unschedulable"
TAINTED = "node(s) had untolerated taint(s)"
AFFINITY = "node(s) didn't match Pod's node affinity/selector"
AFFINITY_CONFLICT = "pod affinity terms conflict"
_REPELLING = frozenset({"NoSchedule", "NoExecute"})
_CORDON = Taint(key=CORDON_TAINT, effect="NoSchedule")
# Bytes; pkg/scheduler/framework/plugins/imagelocality: below the first an image does not count, above the second no more.
_MB = 1024 * 1024
_IMAGE_LEAST, _IMAGE_MOST = 23 * _MB, 1000 * _MB


def node_name(cycle: Cycle) -> Iterator[Refusal]:
    wanted = cycle.pod.spec.node_name
    if wanted:
        yield Refusal(mask(node.name != wanted for node in cycle.cluster.nodes), (NAME,))


def unschedulable(cycle: Cycle) -> Iterator[Refusal]:
    hit = cycle.hit_by_taints(_is_cordoned)
    if hit is not None:
        yield Refusal(hit, (CORDONED,))


def _is_cordoned(tolerations: Tolerations, node: Node) -> bool:
    return node.spec.unschedulable and not tolerates(tolerations, _CORDON)


def taints(cycle: Cycle) -> Iterator[Refusal]:
    hit = cycle.hit_by_taints(is_repelled)
    if hit is not None:
        yield Refusal(hit, (TAINTED,))


def is_repelled(tolerations: Tolerations, node: Node) -> bool:
    return any(taint.effect in _REPELLING and not tolerates(tolerations, taint) for taint in node.spec.taints)


def affinity(cycle: Cycle) -> Iterator[Refusal]:
    if cycle.selects_nodes:
        yield Refusal(~cycle.required_nodes, (AFFINITY,))


def named_by_affinity(cycle: Cycle) -> frozenset[str] | None:
    """Names that required node affinity narrows to (`matchFields` on metadata.name in every term); None: no such narrowing."""
    affinity_ = cycle.pod.spec.affinity
    required = (
        affinity_.node_affinity.required_during_scheduling_ignored_during_execution
        if affinity_ and affinity_.node_affinity
        else None
    )
    if required is None or not required.node_selector_terms:
        return None
    names: set[str] = set()
    for term in required.node_selector_terms:
        own: set[str] | None = None
        for item in term.match_fields:
            if item.key == "metadata.name" and item.operator == "In":
                own = set(item.values) if own is None else own & set(item.values)
        if own is None:
            return None
        names |= own
    return frozenset(names)


def taint_score(cycle: Cycle, feasible: Ints) -> Ints:
    """Fewer untolerated PreferNoSchedule taints are better."""
    return normalized(repelling_taints(cycle, feasible), reverse=True)


def repelling_taints(cycle: Cycle, positions: Ints) -> Ints:
    """PreferNoSchedule taints that the pod does not tolerate, by node."""
    return cycle.by_taints(_repelling_taints)[positions]


def _repelling_taints(tolerations: Tolerations, node: Node) -> int:
    counted = [item for item in tolerations if item.effect in {"", "PreferNoSchedule"}]
    return sum(taint.effect == "PreferNoSchedule" and not tolerates(counted, taint) for taint in node.spec.taints)


def affinity_score(cycle: Cycle, feasible: Ints) -> Ints | None:
    weights = preferred_weights(cycle, feasible)
    return None if weights is None else normalized(weights)


def preferred_weights(cycle: Cycle, positions: Ints) -> Ints | None:
    """Sum of the weights of the preferred node affinity terms that match, by node; None where the pod has none."""
    affinity_ = cycle.pod.spec.affinity
    preferred = (
        affinity_.node_affinity.preferred_during_scheduling_ignored_during_execution
        if affinity_ and affinity_.node_affinity
        else None
    )
    if preferred is None:
        return None
    weights = cycle.by_labels(
        lambda node: sum(item.weight for item in preferred if item.weight and matches_term(item.preference, node)),
        keys_of(item.preference for item in preferred),
    )
    return weights[positions]


def image_score(cycle: Cycle, feasible: Ints) -> Ints:
    """Bytes of the pod's images that a node has already, scaled by how many nodes have them."""
    size = cycle.cluster.size
    references, holders = cycle.kind.ask(_images), images_by_name(cycle)
    if not any(reference in holders for reference in references):
        return np.zeros(len(feasible), dtype=np.int64)
    everywhere = np.zeros(size, dtype=np.int64)
    for reference in references:
        on = holders.get(reference, {})
        for position, amount in on.items():
            everywhere[position] += int(amount * (len(on) / size))
    most = _IMAGE_MOST * len(references)
    return MAX_SCORE * (np.clip(everywhere[feasible], _IMAGE_LEAST, most) - _IMAGE_LEAST) // (most - _IMAGE_LEAST)


def _images(pod: Pod) -> list[str]:
    spec = pod.spec
    references = [_normal(item.image) for item in (*spec.init_containers, *spec.containers)]
    return references + [
        _normal(str(item.image.get("reference", ""))) for item in spec.volumes if item.image is not None
    ]


def images_by_name(cycle: Cycle) -> dict[str, dict[int, int]]:
    """Image name → node index → bytes; worked out once per cluster."""
    cluster = cycle.cluster
    known = cluster.images
    if known is None:
        known = cluster.images = {}
        for position, node in enumerate(cluster.nodes):
            for image in node.status.images:
                for name in image.names:
                    known.setdefault(name, {})[position] = image.size_bytes
    return known


def _normal(name: str) -> str:
    return name if name.rfind(":") > name.rfind("/") else f"{name}:latest"
