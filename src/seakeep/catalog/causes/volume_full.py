"""The volume has no space left.

What: a container's log or a check says "no space left on device", the kubelet's volume figures show less than a hundredth free, or the claim was enlarged and waits for its file system to grow.

Why: data, write-ahead logs or segments outgrew the claim. Databases stop or crash-loop on it, and brokers take their log directory offline.

Bad:
    storage: 1Gi     # for a broker that keeps a week of data

Good:
    storage: 100Gi, with retention that fits and an alert at 80 %

Ignore when: the message is of an emptyDir or of the node's own disk: those are other causes.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import POSSIBLE, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.claim_repairs import enlarged
from seakeep.facts.volumes.volume_usage import FullVolume, full_volumes
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import PersistentVolumeClaim, Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in full_volumes(index):
        if item.claim.kind != "PersistentVolumeClaim":
            yield _unseen(item)
            continue
        name = item.claim.name
        claim = index.snapshot.get(PersistentVolumeClaim, item.claim.namespace, name)
        size = claim.status.capacity.get("storage") if claim else None
        waiting = item.resizing
        yield Candidate(
            id="volume-full",
            object=item.claim,
            summary=f"the file system of claim {name} waits to be grown after a resize"
            if waiting
            else f"the volume of claim {name}{f' ({size})' if size else ''} is full",
            evidence=item.evidence[:6],
            affects=item.affects,
            repair=Repair(
                f"Restart the pod that mounts claim {name}, so that its file system grows to the claim's new size."
            )
            if waiting
            else Repair(
                f"Enlarge claim {name} (spec.resources.requests.storage) if its StorageClass allows expansion, or delete data on it.",
                enlarged(index, item.claim) if item.certain else None,
            ),
            confidence=item.confidence,
            settled_by=""
            if item.certain
            else f"kubectl exec -n {quote(item.claim.namespace)} on a pod that mounts {quote(name)}: df -h",
        )


def _unseen(item: FullVolume) -> Candidate:
    """Which claim it is was not shown: the workload that writes to it stands for it."""
    owner = item.claim
    return Candidate(
        id="volume-full",
        object=owner,
        summary=f"a volume that {owner.kind} {owner.name} writes to is full",
        evidence=item.evidence[:6],
        affects=item.affects,
        repair=Repair(f"Enlarge the claim that {owner.kind} {owner.name} writes to, or delete data on it."),
        confidence=POSSIBLE,
        settled_by=f"kubectl get pvc -n {quote(owner.namespace)}; kubectl exec -n {quote(owner.namespace)} on a pod of {quote(owner.name)}: df -h",
    )


CAUSE = CauseLeaf(id="volume-full", title="Volume is full", reads=(Pod, PersistentVolumeClaim), find=find)
