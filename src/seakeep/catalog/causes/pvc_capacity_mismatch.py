"""The claim asks for more storage than its volume or provisioner has.

What: the claim stays Pending; the volume that would fit is smaller than spec.resources.requests.storage, or the provisioner says that it is out of space.

Why: a volume binds only where its capacity is at least the request; dynamic provisioners fail when the pool or quota behind them is used up.

Bad:
    resources: {requests: {storage: 500Gi}}     # the volume has 10Gi

Good:
    resources: {requests: {storage: 10Gi}}

Ignore when: a larger volume is about to be made.
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
    for item in with_obstacle(index, Obstacle.CAPACITY):
        claim, volume = item.claim, item.nearest.get(Obstacle.CAPACITY)
        asked = str(claim.spec.resources.requests.get("storage", "storage"))
        more = [state_evidence(claim, "spec.resources.requests.storage", asked)]
        summary = f"claim {claim.name} asks for {asked}, more than its storage can give"
        repair = f"Recreate claim {claim.name} with a smaller request, or add storage behind its StorageClass."
        if volume:
            has = str(volume.spec.capacity.get("storage", "0"))
            more.append(state_evidence(volume, "spec.capacity.storage", has))
            summary = f"claim {claim.name} asks for {asked}; volume {volume.name}, which would fit, has {has}"
            repair = f"Recreate claim {claim.name} with a request of at most {has}, or provide a volume of {asked}."
        yield claim_candidate(item, "pvc-capacity-mismatch", Obstacle.CAPACITY, summary, repair, tuple(more))


CAUSE = CauseLeaf(
    id="pvc-capacity-mismatch", title="Claim is larger than any volume", reads=(PersistentVolumeClaim,), find=find
)
