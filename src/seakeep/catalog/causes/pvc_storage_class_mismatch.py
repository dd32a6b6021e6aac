"""The claim and the volume made for it name different storage classes.

What: the claim stays Pending, and an unclaimed PersistentVolume would fit it but for storageClassName.

Why: static volumes bind only to claims of the very same class, the empty one included; a claim without a class is given the default class at creation.

Bad:
    storageClassName: fast        # the volume says manual

Good:
    storageClassName: manual      # in both

Ignore when: the volume was made for another claim.
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
    for item in with_obstacle(index, Obstacle.CLASS):
        claim, volume = item.claim, item.nearest.get(Obstacle.CLASS)
        asked = item.class_name or "none"
        more = [state_evidence(claim, "spec.storageClassName", asked)]
        summary = f"claim {claim.name} is of StorageClass {asked}, and its volume is not"
        repair = f"Recreate claim {claim.name} with the storageClassName of its volume."
        if volume:
            has = volume.spec.storage_class_name or "none"
            more.append(state_evidence(volume, "spec.storageClassName", has))
            summary = (
                f"claim {claim.name} is of StorageClass {asked}; volume {volume.name}, which would fit, is of {has}"
            )
            repair = f"Recreate claim {claim.name} with storageClassName {has}, as volume {volume.name} has, or change the volume to {asked}."
        yield claim_candidate(item, "pvc-storage-class-mismatch", Obstacle.CLASS, summary, repair, tuple(more))


CAUSE = CauseLeaf(
    id="pvc-storage-class-mismatch",
    title="Claim and volume are of different storage classes",
    reads=(PersistentVolumeClaim,),
    find=find,
)
