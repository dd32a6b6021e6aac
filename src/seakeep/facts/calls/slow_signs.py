"""Who answers late: alerts on latency, and probes that time out, by the workload that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.routing import services_by_backend
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Alert

_SLOW_ALERT = re.compile(r"latency|slow|response_?time|timeout|packet_?loss|retrans|network_?delay", re.IGNORECASE)
_TIMED_OUT = re.compile(
    r"context deadline exceeded|Client\.Timeout exceeded|i/o timeout|timeout: failed to connect service|command .{0,200} timed out",
    re.IGNORECASE,
)
# Start-up is slow everywhere.
SETTLED = timedelta(minutes=2)


@once
def slow_alerts(index: Index) -> Mapping[Ref, Alert]:
    """Workload → the first firing alert that says it is slow."""
    found: dict[Ref, Alert] = {}
    for alert in index.snapshot.alerts:
        if alert.state == "firing" and _SLOW_ALERT.search(alert.name):
            for ref in workloads_of(index, alert.labels):
                found.setdefault(ref, alert)
    return found


def workloads_of(index: Index, labels: Mapping[str, str]) -> Iterator[Ref]:
    """The workloads that an alert's or a sample's labels mean."""
    namespace = labels.get("namespace", "")
    pod = index.snapshot.get(Pod, namespace, labels.get("pod", ""))
    if pod:
        yield workload_of(index, pod)
        return
    for label, kind in (("deployment", "Deployment"), ("statefulset", "StatefulSet"), ("daemonset", "DaemonSet")):
        if labels.get(label):
            yield Ref(kind, namespace, labels[label])
            return
    named = labels.get("service") or labels.get("destination_service_name") or labels.get("destination_workload")
    for ref in index.pods_by_workload if named else ():
        same = any(service.name == named for service in services_by_backend(index).get(ref, ()))
        if (ref.name == named or same) and (not namespace or ref.namespace == namespace):
            yield ref


@once
def late_probes(index: Index) -> Mapping[Ref, Evidence]:
    """Workload → a recent report that a probe got no answer in time, start-up left out."""
    found: dict[Ref, Evidence] = {}
    for event in index.events_with("Unhealthy", "ProbeWarning"):
        pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
        if pod is None or not _TIMED_OUT.search(event.text) or not is_recent(index, event.last_seen):
            continue
        started = pod.status.start_time or pod.metadata.creation_timestamp
        if started and event.last_seen and event.last_seen - started < SETTLED:
            continue
        found.setdefault(workload_of(index, pod), event_evidence(index, event, current=True))
    return found
