"""Plugin VolumeRestrictions: disks of old in-tree kinds that one pod holds for itself, and claims that only one pod may use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seakeep.model.objects import Pod
from seakeep.model.objects.pods import Volume
from seakeep.twin.scheduler.plugin import Cycle, Refusal, mask

DISK_TAKEN = "node(s) had no available disk"
ONE_POD = (
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"
)


def restrictions(cycle: Cycle) -> Iterator[Refusal]:
    cluster, pod = cycle.cluster, cycle.pod
    wanted = cycle.kind.ask(_exclusive)
    if wanted:
        yield Refusal(
            mask(
                any(_collide(one, two) for one in wanted for other in pods.values() for two in other.spec.volumes)
                for pods in cluster.pods_on
            ),
            (DISK_TAKEN,),
            resolvable=True,
        )
    for claim in cycle.claims.named if cycle.has_claims else ():
        if "ReadWriteOncePod" in claim.spec.access_modes and cluster.claims_in_use.get((pod.namespace, claim.name)):
            yield Refusal(np.ones(cluster.size, dtype=bool), (ONE_POD,), resolvable=True)


def _exclusive(pod: Pod) -> list[Volume]:
    return [
        volume
        for volume in pod.spec.volumes
        if volume.gce_persistent_disk or volume.aws_elastic_block_store or volume.rbd or volume.iscsi
    ]


def _collide(one: Volume, two: Volume) -> bool:
    if one.gce_persistent_disk and two.gce_persistent_disk:
        first, second = one.gce_persistent_disk, two.gce_persistent_disk
        if first.get("pdName") == second.get("pdName") and not (first.get("readOnly") and second.get("readOnly")):
            return True
    first, second = one.aws_elastic_block_store or {}, two.aws_elastic_block_store or {}
    if first and second and first.get("volumeID") == second.get("volumeID"):
        return True
    first, second = one.iscsi or {}, two.iscsi or {}
    if first and second and first.get("iqn") == second.get("iqn"):
        return not (first.get("readOnly") and second.get("readOnly"))
    if one.rbd and two.rbd:
        first, second = one.rbd, two.rbd
        same = (first.get("pool", ""), first.get("image")) == (second.get("pool", ""), second.get("image"))
        shared = set(first.get("monitors", ())) & set(second.get("monitors", ()))
        return bool(same and shared and not (first.get("readOnly") and second.get("readOnly")))
    return False
