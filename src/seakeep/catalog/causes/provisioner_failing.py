"""The provisioner of the claim's class makes no volume.

What: the claim stays Pending; the controller waits for a volume "to be created, either by external provisioner …", or the provisioner answers with an error.

Why: the CSI controller or provisioner pod is down, the class names a provisioner that is not installed, its credentials or parameters are wrong, or its backend refuses.

Bad:
    provisioner: csi.example.com     # no such driver runs

Good:
    provisioner: rancher.io/local-path, with its Deployment ready

Ignore when: the claim was made a moment ago; a claim of a WaitForFirstConsumer class that no pod uses waits rightly.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.facts.volumes.obstacles import Obstacle
from seakeep.facts.volumes.provisioners import named_provisioner, provisioner_workloads
from seakeep.facts.volumes.unbound import claim_candidate, with_obstacle
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, PersistentVolumeClaim, Pod, StorageClass
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# The scheduler's VolumeBinding plug-in, where the provisioner gave the chosen node back.
_TOLD = late(r"binding volumes: provisioning failed for PVC \"(?P<claim>[a-z0-9.-]+)\"")


def find(index: Index) -> Iterable[Candidate]:
    for item in with_obstacle(index, Obstacle.PROVISIONER):
        claim, driver = (
            item.claim,
            item.storage_class.provisioner if item.storage_class else named_provisioner(item.message),
        )
        down = [workload for workload in provisioner_workloads(index, driver) if not workload.status.ready_replicas]
        more = [state_evidence(item.storage_class, "provisioner", driver)] if item.storage_class else []
        more += [state_evidence(workload, "status.readyReplicas", 0) for workload in down]
        failed = item.message and "xternal provisioner" not in item.message
        what = f": {item.message[:160]}" if failed else ""
        if down:
            what = f": {down[0].kind} {down[0].namespace}/{down[0].name} has no ready pod"
            repair = f"Bring {down[0].kind} {down[0].name} in namespace {down[0].namespace} up, so that {driver} can make the volume of claim {claim.name}."
        else:
            repair = f"Check that provisioner {driver} is installed and healthy and that its log accepts claim {claim.name}, or use another StorageClass."
        candidate = claim_candidate(
            item,
            "provisioner-failing",
            Obstacle.PROVISIONER,
            f"provisioner {driver} makes no volume for claim {claim.name}{what}",
            repair,
            tuple(more),
        )
        yield candidate if not down else _sure(candidate)
    yield from _unseen(index)


def _unseen(index: Index) -> Iterable[Candidate]:
    """Claims that only the scheduler speaks of, where a pod waits for them."""
    told: dict[Ref, Event] = {}
    for event in index.events_with("FailedScheduling"):
        match = _TOLD.search(event.text)
        ref = Ref("PersistentVolumeClaim", event.about.namespace, match["claim"]) if match else None
        pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
        if ref and index.snapshot.find(ref) is None and not (pod and pod.spec.node_name):
            told.setdefault(ref, event)
    for ref, event in sorted(told.items()):
        yield Candidate(
            id="provisioner-failing",
            object=ref,
            summary=f"no volume was made for claim {ref.name}, on the node that was chosen for its pod",
            evidence=(event_evidence(index, event),),
            affects=(event.about,),
            repair=Repair(
                f"Read the events of claim {ref.name}: its provisioner says there why. Check that it is installed and may make volumes."
            ),
            confidence=LIKELY,
            settled_by=f"kubectl describe pvc {named(ref)}",
        )


def _sure(candidate: Candidate) -> Candidate:
    return replace(candidate, confidence=PROVEN, settled_by="")


CAUSE = CauseLeaf(
    id="provisioner-failing",
    title="Provisioner makes no volume",
    reads=(PersistentVolumeClaim, StorageClass),
    find=find,
)
