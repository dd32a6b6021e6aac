"""Plugins VolumeBinding and VolumeZone, and what they say before any node is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from seakeep.model.objects import Node, PersistentVolume, StorageClass
from seakeep.model.objects.pods import Volume
from seakeep.twin.scheduler.claims import Claims, claim_name, class_of, foreign, is_owned
from seakeep.twin.scheduler.cluster import Ints
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal, mask

UNBOUND = "pod has unbound immediate PersistentVolumeClaims"
NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
NO_SPACE = "node(s) did not have enough free storage"
NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
NO_ZONE = "node(s) had no available volume zone"
_ZONE_LABELS = (
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
)
_GA = dict(pairwise(_ZONE_LABELS[::2])) | dict(pairwise(_ZONE_LABELS[1::2]))


def before_filters(cycle: Cycle) -> str:
    """The first PreFilter that refuses the pod on all nodes, in the profile's order; "" where none does."""
    pod = cycle.pod
    if not cycle.has_claims:
        return ""
    for volume in pod.spec.volumes:
        # VolumeRestrictions looks up claims by name only; a generic ephemeral volume's comes later.
        if volume.persistent_volume_claim and cycle.claims.get(volume.persistent_volume_claim.claim_name) is None:
            return f'persistentvolumeclaim "{volume.persistent_volume_claim.claim_name}" not found'
    for volume in pod.spec.volumes:
        refused = _unusable(cycle, volume)
        if refused:
            return refused
    if cycle.claims.unbound_immediate:
        return UNBOUND
    return _zone_refusal(cycle)


def _unusable(cycle: Cycle, volume: Volume) -> str:
    name = claim_name(cycle.pod, volume)
    if not name:
        return ""
    claim = cycle.claims.get(name)
    if claim is None:
        return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
    if claim.status.phase == "Lost":
        return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{claim.spec.volume_name}"'
    if claim.metadata.deletion_timestamp is not None:
        return f'persistentvolumeclaim "{name}" is being deleted'
    if volume.ephemeral is not None and not is_owned(claim, cycle.pod):
        return foreign(claim, cycle.pod)
    return ""


def _zone_refusal(cycle: Cycle) -> str:
    objects = cycle.cluster.objects
    for claim in cycle.claims.named:
        if claim.spec.volume_name:
            if objects.get(PersistentVolume, "", claim.spec.volume_name) is None:
                return f'persistentvolume "{claim.spec.volume_name}" not found'
            continue
        name = class_of(claim)
        if not name:
            return "PersistentVolumeClaim had no pv name and storageClass name"
        found = objects.get(StorageClass, "", name)
        if found is None:
            return f'storageclass.storage.k8s.io "{name}" not found'
        if found.volume_binding_mode != "WaitForFirstConsumer":
            return "PersistentVolume had no name"
    return ""


def binding(cycle: Cycle) -> Iterator[Refusal]:
    """Bound claims must reach the node; unbound ones that wait for a pod must find or get a volume there."""
    if not cycle.has_claims:
        return
    for reason in (NODE_CONFLICT, BIND_CONFLICT, NO_SPACE, NO_VOLUME):
        yield Refusal(mask(reason in cycle.claims.on(node).reasons for node in cycle.cluster.nodes), (reason,))


def binding_score(cycle: Cycle, feasible: Ints) -> Ints:
    """How much of the chosen volumes the claims use: the less room is left over, the better; 0 where nothing is to be bound."""
    if not cycle.has_claims:
        return np.zeros(len(feasible), dtype=np.int64)
    nodes = cycle.cluster.nodes
    return np.array([_utilization_score(cycle.claims, nodes[position]) for position in feasible], dtype=np.int64)


def _utilization_score(claims: Claims, node: Node) -> int:
    classes = claims.on(node).use
    if not classes:
        return 0
    total = sum(_shape(requested, capacity) for requested, capacity in classes.values())
    return int(np.floor(total / len(classes) + 0.5))


def _shape(requested: int, capacity: int) -> int:
    """From 100 at no use to 0 at full use, the default shape of VolumeBindingArgs."""
    if capacity == 0 or requested > capacity:
        return 0
    use = requested * 100 // capacity
    return MAX_SCORE - use


def zone(cycle: Cycle) -> Iterator[Refusal]:
    """A bound volume's zone and region labels against the node's; a node without any of them is left alone."""
    if not cycle.has_claims:
        return
    topologies = [
        (key, zones)
        for claim in cycle.claims.named
        if (volume := cycle.cluster.objects.get(PersistentVolume, "", claim.spec.volume_name))
        for key, value in volume.labels.items()
        if key in _ZONE_LABELS and (zones := _zones(value))
    ]
    if topologies:
        yield Refusal(mask(_other_zone(node, topologies) for node in cycle.cluster.nodes), (NO_ZONE,))


def _zones(value: str) -> frozenset[str]:
    """Of a label's value; one with an empty part says nothing."""
    zones = frozenset(each.strip() for each in value.split("__"))
    return frozenset() if "" in zones else zones


def _other_zone(node: Node, topologies: list[tuple[str, frozenset[str]]]) -> bool:
    if not any(key in node.labels for key in _ZONE_LABELS):
        return False
    return any(node.labels.get(key, node.labels.get(_GA.get(key, key), "")) not in values for key, values in topologies)
