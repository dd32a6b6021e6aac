"""Pods that the kubelet evicted: because of its node, or because of what they used themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.generated_names import workload_named
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import Event, Node, Pod, Workload
from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED, Ref

# Wording: kubelet `pkg/kubelet/eviction/helpers.go`.
_OWN = late(
    r"ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit|Usage of EmptyDir volume",
    re.IGNORECASE,
)
_NODE = late(
    r"node was low on resource: \[?(?P<resource>[\w.-]+)|node had condition: \[(?P<condition>\w+)", re.IGNORECASE
)
_WHO = late(
    r"Container (?P<name>\S+) was using (?P<used>[^,]+), (?:request is|which exceeds its request of) (?P<request>[^,]+?)\.?(?:,|$)"
)
PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")
LATELY = timedelta(hours=1)


class Eviction(Struct, frozen=True):
    """One pod's eviction; `node` empty where the source did not show it, `resource` what was short ("" where the message was not seen)."""

    pod: Ref
    workload: Ref
    node: str
    message: str
    own: bool
    by_node: bool
    resource: str
    time: datetime | None
    evidence: Evidence


@once
def evictions(index: Index) -> tuple[Eviction, ...]:
    """One per pod, newest first; evicted pods stay behind as Failed until they are collected."""
    found = {item.pod: item for item in (*_from_events(index), *_from_pods(index))}
    return tuple(
        sorted(
            found.values(), key=lambda item: (item.time is None, -(item.time.timestamp() if item.time else 0), item.pod)
        )
    )


def _from_pods(index: Index) -> Iterator[Eviction]:
    for pod in index.pods:
        if pod.status.reason == "Evicted":
            text = pod.status.message or next(
                (event.text for event in index.events_about(pod.ref) if event.reason == "Evicted"), ""
            )
            time = max(
                (item.last_transition_time for item in pod.status.conditions if item.last_transition_time), default=None
            )
            event = next((event for event in index.events_about(pod.ref) if event.reason == "Evicted"), None)
            time = event.last_seen if event else time or pod.status.start_time
            evidence = state_evidence(pod, "status.message", f"Evicted: {text}"[:300], time)
            yield _eviction(pod.ref, workload_of(index, pod), pod.spec.node_name, text, time, evidence)


def _from_events(index: Index) -> Iterator[Eviction]:
    for event in index.events_with("Evicted"):
        if event.about.kind == "Pod":
            pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
            workload = workload_of(index, pod) if pod else workload_named(index, event.about)
            node = (pod.spec.node_name if pod else "") or event.source.host
            yield _eviction(event.about, workload, node, event.text, event.last_seen, event_evidence(index, event))


def _eviction(pod: Ref, workload: Ref, node: str, text: str, time: datetime | None, evidence: Evidence) -> Eviction:
    match = _NODE.search(text)
    resource = (match["resource"] or match["condition"] or "").rstrip(".") if match else ""
    return Eviction(pod, workload, node, text, bool(_OWN.search(text)), match is not None, resource, time, evidence)


def consumer(message: str) -> str:
    """Which container used how much against which request, as the kubelet said it."""
    match = _WHO.search(message)
    return f"container {match['name']} was using {match['used']} with a request of {match['request']}" if match else ""


def pressures(node: Node) -> tuple[str, ...]:
    return tuple(item.type for item in node.status.conditions if item.type in PRESSURES and item.status == "True")


def shortage_of(resource: str) -> str:
    """A condition or the kubelet's signal as the thing that is short."""
    return {
        "MemoryPressure": "memory",
        "DiskPressure": "disk space",
        "ephemeral-storage": "disk space",
        "inodes": "inodes",
        "PIDPressure": "process ids",
        "pids": "process ids",
    }.get(resource, resource)


def by_node(index: Index) -> dict[str, list[Eviction]]:
    """Evictions that the node's own shortage caused, and those whose message was not seen, by node."""
    groups: dict[str, list[Eviction]] = defaultdict(list)
    for item in evictions(index):
        # Of a pod that was seen in parts its node may not have been.
        node = item.node or (UNNAMED if index.snapshot.find(item.pod) else "")
        if node and not item.own:
            groups[node].append(item)
    return groups


def still_short(index: Index, workload: Ref) -> bool:
    """Whether the workload has fewer ready pods than it wants; True where it was not seen."""
    owner = index.snapshot.find(workload)
    pods = index.pods_by_workload.get(workload, ())
    ready = sum(is_ready(pod) for pod in pods)
    if isinstance(owner, Workload):
        wanted = owner.status.desired_number_scheduled if owner.kind == "DaemonSet" else owner.spec.replicas
        return (ready if pods else max(owner.status.ready_replicas, owner.status.number_ready)) < (
            1 if wanted is None else wanted
        )
    return not ready


def is_fresh(index: Index, item: Eviction) -> bool:
    return is_recent(index, item.time)


def warnings_on(index: Index, node: Node) -> tuple[Event, ...]:
    """The kubelet's own words on thresholds, as far as they are recent."""
    return tuple(
        event
        for event in index.events_about(node.ref)
        if event.reason in {"EvictionThresholdMet", "FreeDiskSpaceFailed", "ImageGCFailed"}
        and is_recent(index, event.last_seen)
    )
