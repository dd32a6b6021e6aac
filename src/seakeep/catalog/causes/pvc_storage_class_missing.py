"""The claim names a StorageClass that does not exist, or names none where there is no default.

What: the claim stays Pending; the controller says `storageclass.storage.k8s.io "…" not found`, or that no storage class is set and no volume available.

Why: a typing error, a manifest from another cluster or cloud, or a cluster without a default class.

Bad:
    storageClassName: standard-v2     # kubectl get storageclass does not list it

Good:
    storageClassName: standard

Ignore when: the class is created by the same rollout and not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.references.named_objects import lost
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.obstacles import Obstacle
from seakeep.facts.volumes.unbound import claim_candidate, with_obstacle
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import PersistentVolumeClaim, StorageClass


def find(index: Index) -> Iterable[Candidate]:
    classes = ", ".join(item.name for item in index.snapshot.all(StorageClass))
    for item in with_obstacle(index, Obstacle.CLASS_MISSING):
        name = item.claim.name
        if item.class_name:
            summary = f"claim {name} wants StorageClass {item.class_name}, which does not exist"
            repair = f"Recreate claim {name} with a StorageClass that exists{f' ({classes})' if classes else ''}, or create StorageClass {item.class_name}."
        else:
            summary = f"claim {name} names no StorageClass and the cluster has no default one"
            repair = f"Recreate claim {name} with a StorageClass{f' ({classes})' if classes else ''}, or mark one as the default."
        shown = item.class_name or "none"
        more = (state_evidence(item.claim, "spec.storageClassName", shown),)
        yield claim_candidate(item, "pvc-storage-class-missing", Obstacle.CLASS_MISSING, summary, repair, more)
    for one in lost(index):
        if one.named.kind == "StorageClass":
            holder, wanted, meant = one.named.holder, one.named.name, one.lack.meant
            who = f"{holder.kind} {holder.name}"
            yield Candidate(
                id="pvc-storage-class-missing",
                object=holder.ref,
                summary=f"{who} wants StorageClass {wanted}, which is not among the manifests"
                + (f" (StorageClass {meant} is, and nothing uses it)" if meant else ""),
                evidence=(Evidence(holder.ref, one.named.path, wanted),),
                affects=(holder.ref,),
                repair=Repair(
                    f"Let {one.named.path} of {who} name StorageClass {meant or 'that exists'}, or add {wanted}."
                ),
                confidence=one.lack.confidence,
                settled_by=f"kubectl get storageclass {quote(wanted)}",
            )


CAUSE = CauseLeaf(
    id="pvc-storage-class-missing",
    title="Storage class does not exist",
    reads=(PersistentVolumeClaim,),
    find=find,
)
