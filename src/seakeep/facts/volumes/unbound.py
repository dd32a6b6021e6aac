"""Why claims do not bind."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.binding import in_cluster, in_manifests
from seakeep.facts.volumes.obstacles import Obstacle
from seakeep.facts.volumes.volumes_near import compared
from seakeep.facts.volumes.waiting_claims import Waiting, waiting
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.confidence import LIKELY
from seakeep.model.objects import PersistentVolume, PersistentVolumeClaim, Pod, StorageClass


class Unbound(Struct, frozen=True):
    """A claim that waits. `obstacles` by confidence; `nearest` the volume that would fit but for that obstacle."""

    claim: PersistentVolumeClaim
    class_name: str
    storage_class: StorageClass | None
    consumers: tuple[Pod, ...]
    obstacles: Mapping[Obstacle, float]
    nearest: Mapping[Obstacle, PersistentVolume]
    evidence: tuple[Evidence, ...]
    message: str


@once
def unbound(index: Index) -> tuple[Unbound, ...]:
    """Claims that are Pending with an obstacle that can be told."""
    found = [_judge(index, item) for item in waiting(index)]
    return tuple(item for item in found if item.obstacles)


def with_obstacle(index: Index, obstacle: Obstacle) -> tuple[Unbound, ...]:
    """The waiting claims that this obstacle keeps from a volume."""
    return tuple(item for item in unbound(index) if obstacle in item.obstacles)


def _judge(index: Index, item: Waiting) -> Unbound:
    near, volumes = compared(index, item.claim, item.class_name)
    obstacles = in_manifests(index, item, near) if item.planned else in_cluster(index, item, near)
    return Unbound(
        item.claim,
        item.class_name,
        item.storage_class,
        item.consumers,
        obstacles,
        volumes,
        tuple(_evidence(index, item)),
        item.message,
    )


def _evidence(index: Index, item: Waiting) -> list[Evidence]:
    claim = item.claim
    phase = state_evidence(claim, "status.phase", claim.status.phase or "planned", claim.metadata.creation_timestamp)
    if item.told is None:
        return [phase]
    found = event_evidence(index, item.told, current=True)
    return [replace(found, value=found.value[:300]), phase]


def claim_candidate(
    item: Unbound, cause: str, obstacle: Obstacle, summary: str, repair: str, more: tuple[Evidence, ...] = ()
) -> Candidate:
    """A candidate on the claim, with what it told first and what it was compared with behind."""
    return Candidate(
        id=cause,
        object=item.claim.ref,
        summary=summary,
        evidence=(*item.evidence, *more)[:6],
        affects=tuple(pod.ref for pod in item.consumers),
        repair=Repair(repair),
        confidence=item.obstacles[obstacle],
        settled_by=""
        if item.obstacles[obstacle] >= LIKELY
        else f"kubectl describe pvc {quote(item.claim.name)} -n {quote(item.claim.namespace)}; kubectl get pv,storageclass",
    )
