"""The control plane's store is full, so nothing can be written.

What: whatever is created or changed is refused with "etcdserver: mvcc: database space exceeded". What runs goes on running.

Why: etcd's quota (2 GiB by default) is used up: too many or too large objects (events, CRDs, Secrets of Helm releases, reports), or a history that is not compacted. After an alarm etcd stays read-only until it is disarmed.

Bad:
    etcdctl alarm list     # memberID:1 alarm:NOSPACE

Good:
    etcdctl endpoint status -w table     # DB SIZE well below the quota, no errors

Ignore when: never: the control plane only reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.containers.logs import lines_of
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.control_plane import component_node, component_pods
from seakeep.facts.scheduling.scheduler_health import control_plane_nodes
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Event, Pod, ReplicaSet
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_FULL = late(r"mvcc: database space exceeded|alarm:\s?NOSPACE")
_ALERTS = frozenset({"etcdDatabaseQuotaLowSpace", "etcdDatabaseSpaceExceeded"})


def find(index: Index) -> Iterable[Candidate]:
    evidence = list(_evidence(index))
    if not any(item.current for item in evidence):
        return
    pods = component_pods(index, "etcd")
    nodes = {node for pod in pods for node in [component_node(pod, "etcd")] if node} or set(control_plane_nodes(index))
    culprit = min(nodes) if nodes else Ref("Pod", "kube-system", "etcd")
    yield Candidate(
        id="etcd-full",
        object=culprit,
        summary="etcd has used up its space: nothing can be created or changed",
        evidence=tuple(evidence[:4]),
        affects=tuple(dict.fromkeys(item.object for item in evidence)),
        repair=Repair(
            "Compact and defragment etcd, disarm its alarm (etcdctl compact, defrag, alarm disarm), delete what fills it, and raise --quota-backend-bytes (8 GiB at most)."
        ),
        confidence=PROVEN,
    )


def _evidence(index: Index) -> Iterator[Evidence]:
    for item in index.snapshot.all(ReplicaSet):
        for part in item.status.conditions:
            if part.type == "ReplicaFailure" and part.status == "True" and _FULL.search(part.message):
                yield state_evidence(item, "status.conditions[ReplicaFailure]", part.message[:300])
    for event in index.snapshot.all(Event):
        if _FULL.search(event.text) and is_recent(index, event.last_seen):
            yield event_evidence(index, event)
    for component in ("etcd", "kube-apiserver"):
        for pod in component_pods(index, component):
            for _, _, line in reversed(list(lines_of(index, pod))):
                if _FULL.search(line):
                    yield Evidence(pod.ref, "log", line[:300])
                    break
    for alert in index.snapshot.alerts:
        if alert.state == "firing" and alert.name in _ALERTS:
            place = Ref("Pod", alert.labels.get("namespace", "kube-system"), alert.labels.get("pod", "etcd"))
            yield Evidence(place, "alert", alert.name, alert.starts_at)


CAUSE = CauseLeaf(
    id="etcd-full",
    title="etcd is full",
    reads=(Pod, Event, ReplicaSet),
    find=find,
    severity=Severity.CRITICAL,
)
