"""A volume that one node, or one pod, may use is still in use elsewhere.

What: the pod stays in ContainerCreating with "Multi-Attach error for volume …": a ReadWriteOnce volume is attached to another node, or used by another pod there. Or it has no node, because another pod uses its ReadWriteOncePod claim.

Why: a Deployment with a ReadWriteOnce claim starts its new pod on another node before the old one is gone, two workloads share the claim, or the old node was lost without detaching.

Bad:
    strategy: {type: RollingUpdate}     # with one ReadWriteOnce claim

Good:
    strategy: {type: Recreate}

Ignore when: it lasts less than the six minutes after which a lost node's volume is detached by force.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.attachments import multi_attached
from seakeep.facts.volumes.claims_of_one_pod import claim_of_one_pod
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in multi_attached(index):
        of_claim = f" of claim {item.claim.name}" if item.claim.kind == "PersistentVolumeClaim" else ""
        held = f" by {', '.join(item.holders)}" if item.holders else ""
        evidence = [event_evidence(index, item.event, current=True)]
        if item.attachment:
            evidence.append(state_evidence(item.attachment, "spec.nodeName", item.attachment.spec.node_name))
        yield Candidate(
            id="volume-multi-attach",
            object=item.claim,
            summary=f"volume {item.volume}{of_claim} is still in use{held}, so pod {item.pod.name} on {item.pod.spec.node_name or 'another node'} cannot attach it",
            evidence=tuple(evidence),
            affects=(item.pod.ref,),
            repair=Repair(
                f"End the other use of {item.claim.kind} {item.claim.name}{held} (scale down, or update strategy Recreate), or put both pods on one node."
            ),
            confidence=PROVEN if item.certain else LIKELY,
            settled_by=""
            if item.certain
            else f"kubectl get pvc -n {quote(item.pod.namespace)}; kubectl get volumeattachments",
        )

    yield from _of_one_pod(index)


def _of_one_pod(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.CLAIM_IN_USE)
        claim, holders = claim_of_one_pod(index, item) if confidence else (None, ())
        if claim:
            held = f", which {', '.join(holders[:3])} uses" if holders else ""
            yield placement_candidate(
                item,
                "volume-multi-attach",
                confidence,
                f"{item.workload.kind} {item.workload.name} needs claim {claim.name}, which is for one pod at a time (ReadWriteOncePod){held}",
                f"Run one pod with claim {claim.name} (replicas 1, update strategy Recreate), or recreate it with access mode ReadWriteOnce or ReadWriteMany.",
                culprit=claim,
            )


CAUSE = CauseLeaf(id="volume-multi-attach", title="Volume is attached elsewhere", reads=(Pod,), find=find)
