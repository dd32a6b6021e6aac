"""Where the volumes of a pod may be used."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.selection import matches_node_selector
from seakeep.model.objects import Node, PersistentVolume, PersistentVolumeClaim
from seakeep.model.objects.pods import PodSpec


def claim_names(spec: PodSpec) -> tuple[str, ...]:
    return tuple(volume.persistent_volume_claim.claim_name for volume in spec.volumes if volume.persistent_volume_claim)


def bound_volumes(
    index: Index, namespace: str, spec: PodSpec
) -> tuple[tuple[PersistentVolumeClaim, PersistentVolume], ...]:
    """The pod's claims with the volumes that they are bound to, as far as both were read."""
    pairs = []
    for name in claim_names(spec):
        claim = index.snapshot.get(PersistentVolumeClaim, namespace, name)
        volume = (
            index.snapshot.get(PersistentVolume, "", claim.spec.volume_name)
            if claim and claim.spec.volume_name
            else None
        )
        if claim and volume:
            pairs.append((claim, volume))
    return tuple(pairs)


def allows_node(volume: PersistentVolume, node: Node) -> bool:
    required = volume.spec.node_affinity.required if volume.spec.node_affinity else None
    return required is None or matches_node_selector(required.node_selector_terms, node)


def excludes_node(index: Index, namespace: str, spec: PodSpec, node: Node) -> bool:
    """Whether one of the pod's bound volumes cannot be used on the node."""
    return any(not allows_node(volume, node) for _, volume in bound_volumes(index, namespace, spec))


def topology_text(volume: PersistentVolume) -> str:
    """The volume's required node affinity in words, "" where it has none."""
    required = volume.spec.node_affinity.required if volume.spec.node_affinity else None
    return " or ".join(
        " and ".join(
            f"{part.key} {part.operator} {', '.join(part.values)}".strip()
            for part in (*term.match_expressions, *term.match_fields)
        )
        for term in (required.node_selector_terms if required else ())
    )
