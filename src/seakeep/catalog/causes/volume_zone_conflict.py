"""The pod's volume can be used only on nodes where the pod cannot run.

What: the scheduler refused the pod with "volume node affinity conflict" (or "no available volume zone"), and the node affinity of a bound volume allows no node that is left.

Why: zonal disks and local volumes belong to one zone or node; the node was replaced or lost its zone label, or the pod was told to run in another zone.

Bad:
    nodeAffinity: zone In [eu-1a]     # of the volume, while every node is in eu-1b

Good:
    volumeBindingMode: WaitForFirstConsumer     # of the class: the volume is made where the pod goes

Ignore when: the node of that zone comes back by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.placement import nodes_seen
from seakeep.facts.scheduling.scheduling import Unplaced, placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.shell_words import named
from seakeep.facts.volumes.volume_topology import allows_node, bound_volumes, claim_names, topology_text
from seakeep.model.cause import Candidate
from seakeep.model.objects import PersistentVolume, Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.VOLUME_ZONE)
        claim, volume = _culprit(index, item) if confidence else (None, None)
        if claim is None:
            continue
        where = f" ({topology_text(volume)})" if volume and topology_text(volume) else ""
        who = f"{claim.kind} {claim.name}"
        name = (
            f"volume {volume.name} of claim {claim.name}"
            if volume
            else f"the volume of claim {claim.name}"
            if claim.kind == "PersistentVolumeClaim"
            else f"a volume of {who}"
        )
        yield placement_candidate(
            item,
            "volume-zone-conflict",
            confidence,
            f"{name} can be used only on certain nodes{where}, and {item.workload.kind} {item.workload.name} cannot run on any of them",
            f"Bring back a node that satisfies {name}{where}, or move the data to a new claim where the pod can run.",
            (state_evidence(volume, "spec.nodeAffinity", topology_text(volume)),) if volume else (),
            culprit=claim,
            also=(item.workload,),
            settled_by=""
            if volume
            else f"kubectl get pv -o yaml; kubectl get pvc {named(claim)}"
            if claim.kind == "PersistentVolumeClaim"
            else f"kubectl get pod {named(item.pod)} -o yaml; kubectl get pv -o yaml",
        )


def _culprit(index: Index, item: Unplaced) -> tuple[Ref | None, PersistentVolume | None]:
    """The claim whose volume allows the fewest nodes; of unread volumes, the first claim; of a pod of which no volumes were shown its workload."""
    spec, namespace = item.spec or item.pod.spec, item.pod.namespace
    nodes = nodes_seen(index)
    pairs = [(claim, volume) for claim, volume in bound_volumes(index, namespace, spec) if topology_text(volume)]
    if pairs:
        claim, volume = min(pairs, key=lambda pair: sum(allows_node(pair[1], node) for node in nodes))
        return claim.ref, volume
    names = claim_names(spec)
    if names:
        return Ref("PersistentVolumeClaim", namespace, names[0]), None
    return (None if spec.volumes or spec.containers else item.workload), None


CAUSE = CauseLeaf(id="volume-zone-conflict", title="Volume is bound to other nodes", reads=(Pod,), find=find)
