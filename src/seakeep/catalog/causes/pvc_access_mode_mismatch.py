"""The claim asks for access modes that its volume or provisioner does not offer.

What: the claim stays Pending; the volume that would fit lacks an access mode (or has another volumeMode), or the provisioner says that it does not support it.

Why: ReadWriteMany on block storage is the usual one: only shared file systems offer it.

Bad:
    accessModes: [ReadWriteMany]     # the volume offers ReadWriteOnce

Good:
    accessModes: [ReadWriteOnce]

Ignore when: another volume with these modes is about to be made.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.volumes.obstacles import Obstacle
from seakeep.facts.volumes.unbound import claim_candidate, with_obstacle
from seakeep.model.cause import Candidate
from seakeep.model.objects import PersistentVolumeClaim


def find(index: Index) -> Iterable[Candidate]:
    for item in with_obstacle(index, Obstacle.ACCESS):
        claim, volume = item.claim, item.nearest.get(Obstacle.ACCESS)
        alike = volume is not None and claim.spec.volume_mode == volume.spec.volume_mode
        asked = ", ".join((*claim.spec.access_modes, *(() if alike else (f"volumeMode {claim.spec.volume_mode}",))))
        more = [state_evidence(claim, "spec.accessModes", asked)]
        summary = f"claim {claim.name} asks for access modes {asked}, which its storage does not offer"
        repair = f"Recreate claim {claim.name} with access modes that its StorageClass supports, or use a class that supports {asked}."
        if volume:
            has = ", ".join((*volume.spec.access_modes, *(() if alike else (f"volumeMode {volume.spec.volume_mode}",))))
            more.append(state_evidence(volume, "spec.accessModes", has))
            summary = f"claim {claim.name} asks for access modes {asked}; volume {volume.name} offers {has}"
            repair = f"Recreate claim {claim.name} with access modes that volume {volume.name} offers ({has}), or provide a volume with {asked}."
        yield claim_candidate(item, "pvc-access-mode-mismatch", Obstacle.ACCESS, summary, repair, tuple(more))


CAUSE = CauseLeaf(
    id="pvc-access-mode-mismatch", title="Access modes do not fit", reads=(PersistentVolumeClaim,), find=find
)
