"""Why claims do not bind."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.shell_words import named
from seakeep.facts.volumes.binding import in_cluster, in_manifests
from seakeep.facts.volumes.claim_consumers import maker_of
from seakeep.facts.volumes.obstacles import Obstacle
from seakeep.facts.volumes.volumes_near import compared
from seakeep.facts.volumes.waiting_claims import Waiting, waiting
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.confidence import LIKELY
from seakeep.model.objects import PersistentVolume, PersistentVolumeClaim, Pod, StorageClass
from seakeep.model.refs import Ref

# So many claims of one set are shown one by one.
_SHOWN = 8


class Unbound(Struct, frozen=True):
    """A claim that waits. `obstacles` by confidence; `nearest` the volume that would fit but for that obstacle.

    `owner` is the StatefulSet that made it, `alike` its other claims that wait for the same.
    """

    claim: PersistentVolumeClaim
    class_name: str
    storage_class: StorageClass | None
    consumers: tuple[Pod, ...]
    obstacles: Mapping[Obstacle, float]
    nearest: Mapping[Obstacle, PersistentVolume]
    evidence: tuple[Evidence, ...]
    message: str
    owner: Ref | None = None
    alike: tuple[Unbound, ...] = ()


@once
def unbound(index: Index) -> tuple[Unbound, ...]:
    """Claims that are Pending with an obstacle that can be told."""
    found = [_judge(index, item) for item in waiting(index)]
    return tuple(item for item in found if item.obstacles)


def with_obstacle(index: Index, obstacle: Obstacle) -> tuple[Unbound, ...]:
    """The waiting claims that this obstacle keeps from a volume. Claims of one StatefulSet and class are one, the surest and first of them: only a volume that is taken is each one's own."""
    groups: dict[tuple[Ref, str], list[Unbound]] = {}
    for item in unbound(index):
        if obstacle in item.obstacles:
            one = item.owner if item.owner and obstacle is not Obstacle.TAKEN else item.claim.ref
            groups.setdefault((one, item.class_name), []).append(item)
    found = []
    for group in groups.values():
        first, *rest = sorted(group, key=lambda item: (-item.obstacles[obstacle], *_place(item.claim.name)))
        found.append(replace(first, alike=tuple(rest)))
    return tuple(found)


def _place(name: str) -> tuple[int, str]:
    """The second pod's claims come before the tenth's."""
    ordinal = name.rpartition("-")[2]
    return (int(ordinal) if ordinal.isdigit() else 0, name)


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
        maker_of(index, item.claim),
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
    """A candidate on the claim, with what it told first and what it was compared with behind; then those like it."""
    alike = tuple(other.claim.ref for other in item.alike)
    pods = tuple(pod.ref for each in (item, *item.alike) for pod in each.consumers)
    if alike and item.owner:
        summary = f"{summary} (and {len(alike)} more of {item.owner.kind} {item.owner.name})"
        repair = f"{repair} It is the same for {', '.join(ref.name for ref in alike[:_SHOWN])}{' …' if alike[_SHOWN:] else ''}: all come from the volumeClaimTemplates of {item.owner.kind} {item.owner.name}."
    return Candidate(
        id=cause,
        object=item.claim.ref,
        summary=summary,
        evidence=(
            *(*item.evidence, *more)[:6],
            *(part for other in item.alike[:_SHOWN] for part in other.evidence[:1]),
        ),
        affects=tuple(dict.fromkeys((*alike, *pods))),
        repair=Repair(repair),
        confidence=item.obstacles[obstacle],
        settled_by=""
        if item.obstacles[obstacle] >= LIKELY
        else f"kubectl describe pvc {named(item.claim)}; kubectl get pv,storageclass",
    )
