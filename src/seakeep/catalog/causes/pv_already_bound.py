"""The volume that the claim needs belongs to another claim.

What: the claim stays Pending; the volume that it names, or the only one that fits, carries a claimRef to another claim, or to a deleted one (phase Released).

Why: two claims were made for one volume, or the claim was deleted and made anew: a volume with reclaim policy Retain stays Released until its claimRef is removed.

Bad:
    volumeName: pv-data      # whose claimRef is another claim

Good:
    volumeName: pv-data-2

Ignore when: the other claim is about to be deleted.
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
    for item in with_obstacle(index, Obstacle.TAKEN):
        claim, volume = item.claim, item.nearest.get(Obstacle.TAKEN)
        owner = volume.spec.claim_ref if volume else None
        if volume is None or owner is None:
            name = claim.spec.volume_name or "that it needs"
            yield claim_candidate(
                item,
                "pv-already-bound",
                Obstacle.TAKEN,
                f"volume {name} of claim {claim.name} is bound to another claim",
                f"Recreate claim {claim.name} for a free volume, or release volume {name} from its other claim.",
            )
            continue
        held = f"{owner.namespace}/{owner.name}"
        gone = volume.status.phase == "Released"
        yield claim_candidate(
            item,
            "pv-already-bound",
            Obstacle.TAKEN,
            f"volume {volume.name}, which claim {claim.name} needs, {'is still reserved for the deleted' if gone else 'is bound to'} claim {held}",
            f"Remove spec.claimRef of volume {volume.name} once its data may be used again."
            if gone
            else f"Provide another volume for claim {claim.name}, or release volume {volume.name} from claim {held}.",
            (
                state_evidence(volume, "spec.claimRef", held),
                state_evidence(volume, "status.phase", volume.status.phase),
            ),
        )


CAUSE = CauseLeaf(
    id="pv-already-bound", title="Volume belongs to another claim", reads=(PersistentVolumeClaim,), find=find
)
