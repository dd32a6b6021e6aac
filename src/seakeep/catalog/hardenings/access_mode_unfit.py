"""Several replicas share a volume that one node can use.

What: a Deployment of two or more replicas, or that an autoscaler may scale to as many, mounts one claim with ReadWriteOnce or ReadWriteOncePod.

Why: all of its pods must run on the volume's node (with ReadWriteOncePod there can be one only). The others wait for it, and when that node goes the service is gone, whatever the replica count says.

Bad:
    replicas: 3
    volumes: [{name: data, persistentVolumeClaim: {claimName: uploads}}]     # ReadWriteOnce

Good:
    a claim with ReadWriteMany, an object store, or a StatefulSet with a claim for each pod

Ignore when: all replicas are meant to share one node.
"""

from __future__ import annotations

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.autoscaling.autoscaled import autoscalers_of
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.exclusive_volumes import claims_of
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import Deployment


def _answer(index: Index, entry: Judged) -> Answer:
    ref = entry.ref
    if ref.kind != "Deployment" or not claim_names(entry.spec):
        return None
    highest = max((item.spec.max_replicas for item in autoscalers_of(index).get(ref, ())), default=0)
    most = max(entry.replicas or 0, highest)
    if most < 2 and entry.replicas is not None:
        return None
    claims = claims_of(index, ref.namespace, entry.spec)
    if entry.replicas is None and not highest:
        return Unseen("how many replicas are meant")
    if claims.exclusive:
        return f"up to {most} replicas share claim {', '.join(claims.exclusive)}, which one node can use"
    return Unseen(f"the access modes of claim {', '.join(claims.unknown)}") if claims.unknown else HOLDS


def propose(index: Index, finding: Finding) -> Advice:
    """The access modes of a claim cannot change, and its data does not move by itself."""
    ref = finding.object
    names = ", ".join(claims_of(index, ref.namespace, judged_of(index, ref).spec).exclusive)
    return Advice(
        f"Do the replicas of {ref} need the same files in claim {names} (then on ReadWriteMany or an object store), or each its own (then a StatefulSet)?",
        f"kubectl get pvc,storageclass -n {quote(ref.namespace)}",
    )


HARDENING = template_rule(
    "access-mode-unfit",
    "Replicas on a volume of one node",
    _answer,
    reads=(Deployment,),
    path="spec.replicas",
    repair="Give it a claim with ReadWriteMany, or each pod a claim of its own.",
    propose=propose,
)
