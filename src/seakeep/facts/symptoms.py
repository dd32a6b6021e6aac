"""What is visibly wrong now, before anybody asks why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from seakeep.facts.autoscaling.autoscalers import blind
from seakeep.facts.disruption.evictions import still_short
from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import is_joining, node_at, node_ref
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.addresses import resolve
from seakeep.facts.selection import selected_pods
from seakeep.facts.workloads.job_runs import is_complete, is_outlived, superseded
from seakeep.facts.workloads.podstate import condition, is_finished, is_ready, status_column
from seakeep.model.cause import Symptom
from seakeep.model.objects import (
    APIService,
    Endpoints,
    EndpointSlice,
    Job,
    Node,
    PersistentVolumeClaim,
    Pod,
    Service,
    StorageClass,
    Workload,
)
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Alert, Check, Depth

# A pod that was created this recently may simply be starting.
STARTING = timedelta(seconds=60)
# A run that somebody started by hand, or a build system, and that failed days ago is a record, kept until it is collected.
_LONG_OVER = timedelta(days=1)
# Alerts that fire by design, to prove that alerting works (kube-prometheus).
_ALWAYS_FIRING = {"Watchdog", "InfoInhibitor", "DeadMansSwitch"}
_ALERT_OBJECTS = (
    ("pod", "Pod"),
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("job_name", "Job"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("service", "Service"),
    ("node", "Node"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("namespace", "Namespace"),
)


def symptoms(index: Index) -> tuple[Symptom, ...]:
    """Sorted by object. Nothing is a symptom that a healthy cluster shows too: finished pods, claims that wait for their first consumer, alerts that always fire."""
    found = [
        *_pods(index),
        *_workloads(index),
        *_claims(index),
        *_services(index),
        *_nodes(index),
        *_jobs(index),
        *_autoscalers(index),
        *_api_services(index),
        *_checks(index),
        *_alerts(index),
    ]
    return tuple(sorted(found, key=lambda item: (item.object, item.text)))


def is_unwell(index: Index, pod: Pod) -> bool:
    """Not ready, not finished, past its first moments and not within its last."""
    if is_finished(pod) or is_ready(pod) or index.snapshot.depth(pod.ref) is Depth.NAMED or index.snapshot.intent_only:
        return False
    gone = pod.metadata.deletion_timestamp
    if gone and gone > index.now:
        return False  # within its grace period: the API server writes down when that ends
    told = pod.status.container_statuses or pod.status.init_container_statuses or pod.status.conditions
    if pod.status.phase in {"", "Running"} and not told:
        return False
    created = pod.metadata.creation_timestamp
    young = created is not None and index.now - created < STARTING
    waits = any(
        status.state.waiting
        and (
            status.state.waiting.message
            or status.state.waiting.reason not in {"", "ContainerCreating", "PodInitializing"}
        )
        for status in pod.status.container_statuses
    )
    return not young or waits or condition(pod, "PodScheduled") == "False"


def _pods(index: Index) -> Iterator[Symptom]:
    for pod in index.pods:
        if is_unwell(index, pod) and not _is_left_over(index, pod):
            yield Symptom(
                pod.ref,
                status_column(pod)
                if pod.status.phase != "Running" or status_column(pod) != "Running"
                else "Running, not ready",
            )


def _is_left_over(index: Index, pod: Pod) -> bool:
    """Ended (evicted, or with its node) and long replaced: kept until it is collected, and no sign of anything now."""
    if pod.status.phase != "Failed":
        return False
    if not pod.metadata.owner_references:
        return pod.spec.restart_policy == "Never" and _ended_before(index, pod, _LONG_OVER)
    if is_outlived(index, pod):
        return True
    owner = index.snapshot.find(workload_of(index, pod))
    if isinstance(owner, Job):
        return is_complete(owner) or superseded(index, owner)
    return isinstance(owner, Workload) and not still_short(index, owner.ref)


def _ended_before(index: Index, pod: Pod, age: timedelta) -> bool:
    ends = [item.state.terminated.finished_at for item in pod.status.container_statuses if item.state.terminated]
    known = [time for time in ends if time]
    return bool(known) and index.now - max(known) > age


def _workloads(index: Index) -> Iterator[Symptom]:
    """Pods that do not even exist."""
    if index.snapshot.intent_only:
        return
    for item in index.workloads:
        if index.snapshot.depth(item.ref) is Depth.NAMED:
            continue
        wanted = item.status.desired_number_scheduled if item.kind == "DaemonSet" else item.spec.replicas
        existing = item.status.current_number_scheduled if item.kind == "DaemonSet" else item.status.replicas
        if wanted is not None and existing < wanted and not _shows_otherwise(index, item, wanted):
            yield Symptom(item.ref, f"{existing} of {wanted} pods exist")


def _shows_otherwise(index: Index, item: Workload, wanted: int) -> bool:
    """Its pods were seen, and are as many, or one that is not ready tells of itself, or more may be there than were listed."""
    pods = [pod for pod in index.pods_by_workload.get(item.ref, ()) if not is_finished(pod)]
    whole = index.snapshot.lists_all("Pod", item.namespace)
    return bool(pods) and (len(pods) >= wanted or not whole or not all(map(is_ready, pods)))


def _claims(index: Index) -> Iterator[Symptom]:
    used = {
        (pod.namespace, volume.persistent_volume_claim.claim_name)
        for pod in index.pods
        for volume in pod.spec.volumes
        if volume.persistent_volume_claim
    }
    for claim in index.snapshot.all(PersistentVolumeClaim):
        if claim.status.phase not in {"Pending", "Lost"}:
            continue
        storage_class = index.snapshot.get(StorageClass, "", claim.spec.storage_class_name or "")
        waits_for_consumer = storage_class is not None and storage_class.volume_binding_mode == "WaitForFirstConsumer"
        if claim.status.phase == "Lost" or not waits_for_consumer or (claim.namespace, claim.name) in used:
            yield Symptom(claim.ref, f"claim is {claim.status.phase}")


def _services(index: Index) -> Iterator[Symptom]:
    """Services with a selector and known endpoints of which none is ready."""
    known = index.snapshot.lists_all("EndpointSlice", "*") or index.snapshot.lists_all("Endpoints", "*")
    for service in index.snapshot.all(Service):
        if not service.spec.selector or service.spec.type == "ExternalName":
            continue
        slices, endpoints = index.slices_of(service), index.endpoints_of(service)
        if not known and not slices and endpoints is None:
            continue
        if not _has_address(slices, endpoints) and not _backends_are_all_finished(index, service):
            yield Symptom(service.ref, "no ready endpoints")


def _has_address(slices: Sequence[EndpointSlice], endpoints: Endpoints | None) -> bool:
    in_slices = any(
        endpoint.addresses and endpoint.conditions.ready is not False for item in slices for endpoint in item.endpoints
    )
    return in_slices or (endpoints is not None and any(subset.addresses for subset in endpoints.subsets))


def _backends_are_all_finished(index: Index, service: Service) -> bool:
    backends = selected_pods(index, service.namespace, service.spec.selector)
    return bool(backends) and all(is_finished(pod) for pod in backends)


def _nodes(index: Index) -> Iterator[Symptom]:
    for node in index.snapshot.all(Node):
        for item in () if is_joining(index, node) else node.status.conditions:
            wrong = item.status in {"False", "Unknown"} if item.type == "Ready" else item.status == "True"
            if wrong and (item.type == "Ready" or item.type.endswith(("Pressure", "Unavailable"))):
                yield Symptom(node.ref, f"{item.type}={item.status} {item.reason}".strip(), item.last_transition_time)


def _jobs(index: Index) -> Iterator[Symptom]:
    for job in index.snapshot.all(Job):
        for item in job.status.conditions:
            if item.type in {"Failed", "FailureTarget"} and item.status == "True" and not superseded(index, job):
                yield Symptom(job.ref, f"Job failed: {item.reason}".rstrip(": "), item.last_transition_time)
                break


def _autoscalers(index: Index) -> Iterator[Symptom]:
    for item in blind(index):
        if item.told and not index.snapshot.intent_only:
            yield Symptom(item.hpa.ref, f"cannot scale: {item.why.value}", item.evidence[0].time)


def _api_services(index: Index) -> Iterator[Symptom]:
    for service in index.snapshot.all(APIService):
        for item in service.status.conditions:
            if item.type == "Available" and item.status == "False":
                yield Symptom(service.ref, f"Available=False {item.reason}".strip(), item.last_transition_time)


def _checks(index: Index) -> Iterator[Symptom]:
    for check in index.snapshot.checks:
        if check.outcome not in {"ok", "unknown"}:
            port = f":{check.port}" if check.port else ""
            text = f"{check.probe} {check.target}{port} {check.outcome}"
            yield Symptom(check.origin, text, check.time, _target(index, check))


def _target(index: Index, check: Check) -> Ref | None:
    pod = index.pod_at(check.target)
    if pod:
        return pod.ref
    if name := node_at(index, check.target):
        return node_ref(name)
    return resolve(index, check.target, check.origin.namespace or "default").service


def _alerts(index: Index) -> Iterator[Symptom]:
    for alert in index.snapshot.alerts:
        if alert.name not in _ALWAYS_FIRING and alert.state == "firing" and is_recent(index, None):
            yield Symptom(alert_object(alert), f"alert {alert.name}", alert.starts_at)


def alert_object(alert: Alert) -> Ref:
    """The most specific object that the alert's labels name."""
    namespace = alert.labels.get("namespace", "")
    for label, kind in _ALERT_OBJECTS:
        name = alert.labels.get(label)
        if name:
            return Ref(kind, "" if kind in {"Node", "Namespace"} else namespace, name)
    return Ref("Alert", namespace, alert.name)
