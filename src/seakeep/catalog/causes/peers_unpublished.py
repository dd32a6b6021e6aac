"""Members of a set cannot find each other, for DNS names only those that are ready.

What: the pods of a StatefulSet are not ready, their logs say that a peer's name (`db-1.db-nodes`) is unknown, and the headless Service does not publish addresses of pods that are not ready.

Why: members get ready when they have found each other, and are found when they are ready. A cluster that once stood goes on until all of it restarts.

Bad:
    spec: {clusterIP: None}                                        # of a cluster that forms by names

Good:
    spec: {clusterIP: None, publishNotReadyAddresses: true}

Ignore when: never while the set is meant to form a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_ended, is_ready
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, Service
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth


def find(index: Index) -> Iterable[Candidate]:
    found: dict[Ref, list[Call]] = {}
    for call in calls(index):
        if call.failed and call.outcome == "dns-failure" and call.service and _is_hidden_peer(index, call):
            found.setdefault(call.service, []).append(call)
    for ref, failed in sorted(found.items()):
        workload = failed[0].workload
        yield Candidate(
            id="peers-unpublished",
            object=ref,
            summary=f"pods of {workload.kind} {workload.name} do not find each other: Service {ref.name} has names only for those that are ready",
            evidence=(
                *(call.evidence for call in failed[:3]),
                Evidence(ref, "spec.publishNotReadyAddresses", "false"),
            ),
            affects=(workload, *sorted({call.origin for call in failed})),
            repair=Repair(f"Set publishNotReadyAddresses: true in Service {ref.name}."),
            confidence=PROVEN,
        )


def _is_hidden_peer(index: Index, call: Call) -> bool:
    """Caller and peer are pods of one workload, neither is ready, and their Service, shown whole, has no names for such pods."""
    service = index.snapshot.get(Service, call.service.namespace, call.service.name) if call.service else None
    if service is None or index.snapshot.depth(service.ref) is not Depth.FULL:
        return False
    if service.spec.cluster_ip != "None" or service.spec.publish_not_ready_addresses:
        return False
    caller, peer = (index.snapshot.find(ref) if ref else None for ref in (call.origin, call.pod))
    if not (isinstance(caller, Pod) and isinstance(peer, Pod)) or caller is peer or not peer.status.pod_ip:
        return False
    return (
        not any(is_ready(pod) or is_ended(pod) for pod in (caller, peer)) and workload_of(index, peer) == call.workload
    )


CAUSE = CauseLeaf(
    id="peers-unpublished", title="Members of a set cannot find each other", reads=(Service, Pod), find=find
)
