"""Workloads that somebody stopped: replicas 0, suspend, scheduling gates; and who misses them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.calls.dependencies import edges_to
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.selection import matches_map
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Evidence
from seakeep.model.fields import value_at
from seakeep.model.objects import CronJob, Deployment, HorizontalPodAutoscaler, Job, Pod, Service, StatefulSet, Workload
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_FAILED = late(
    r"refused|timed? ?out|timeout|unreachable|unavailable|no such host|UnknownHost|not resolve|503|no route|Connection ?Error|failed to connect|could not connect|ECONN",
    re.IGNORECASE,
)


class Stopped(Struct, frozen=True):
    """`how` in words; `services` have no other backend; `missed` is evidence that something depends on it; `by_design` where a scaler or a queue stops and starts it."""

    workload: Ref
    how: str
    evidence: Evidence
    services: tuple[Ref, ...]
    missed: tuple[Evidence, ...]
    affected: tuple[Ref, ...]
    by_design: bool
    half: bool = False  # in the middle of a change


def stopped(index: Index) -> Iterator[Stopped]:
    for item in (*index.snapshot.all(Deployment), *index.snapshot.all(StatefulSet)):
        if (
            item.spec.replicas == 0
            and index.snapshot.depth(item.ref) > Depth.NAMED
            and not item.metadata.deletion_timestamp
            and item.ref not in _taken_over(index)
        ):
            yield _scaled_to_zero(index, item)
    yield from _paused(index)
    for cron in index.snapshot.all(CronJob):
        if cron.spec.suspend:
            yield Stopped(cron.ref, "is suspended", state_evidence(cron, "spec.suspend", "true"), (), (), (), False)
    for job in index.snapshot.all(Job):
        if job.spec.suspend and not job.status.completion_time:
            queued = any("queue-name" in key for key in job.labels)
            yield Stopped(job.ref, "is suspended", state_evidence(job, "spec.suspend", "true"), (), (), (), queued)
    yield from _gated(index)


def _taken_over(index: Index) -> frozenset[Ref]:
    """Workloads of which an Argo Rollout takes the template: it runs the pods, and they stay at zero."""
    targets = [(item, value_at(getattr(item, "spec", None), ("workloadRef",))) for item in index.snapshot.of_kind("Rollout")]  # fmt: skip
    return frozenset(
        Ref(str(target.get("kind")), item.namespace, str(target.get("name")))
        for item, target in targets
        if isinstance(target, Mapping)
    )


def _paused(index: Index) -> Iterator[Stopped]:
    """With pods of both templates: one that is paused before or after a change only waits for the next."""
    for item in index.snapshot.all(Deployment):
        wanted, new = item.spec.replicas, item.status.updated_replicas
        if item.spec.paused and wanted and 0 < new < wanted:
            how = f"is paused in the middle of a rollout ({new} of {wanted} pods are of the new template)"
            yield Stopped(item.ref, how, state_evidence(item, "spec.paused", "true"), (), (), (), False, half=True)


def _gated(index: Index) -> Iterator[Stopped]:
    for workload, pods in sorted(index.pods_by_workload.items()):
        gated = [
            pod
            for pod in pods
            if pod.status.phase in {"", "Pending"} and (pod.spec.scheduling_gates or _says_gated(pod))
        ]
        if gated:
            gates = ", ".join(sorted({gate.name for pod in gated for gate in pod.spec.scheduling_gates})) or "not shown"
            evidence = state_evidence(gated[0], "spec.schedulingGates", gates)
            missed = (state_evidence(gated[0], "status.conditions[PodScheduled].reason", "SchedulingGated"),)
            yield Stopped(
                workload,
                f"is held back by scheduling gates ({gates})",
                evidence,
                (),
                missed,
                tuple(pod.ref for pod in gated),
                False,
            )


def _says_gated(pod: Pod) -> bool:
    """By its status, its condition, or the STATUS of its row, which stands with a container where a description came after it."""
    said = (
        pod.status.reason,
        *(item.reason for item in pod.status.conditions if item.type == "PodScheduled"),
        *(item.state.waiting.reason for item in pod.status.container_statuses if item.state.waiting),
    )
    return "SchedulingGated" in said


def _scaled_to_zero(index: Index, item: Workload) -> Stopped:
    services = _left_alone(index, item)
    missed: list[Evidence] = []
    affected: list[Ref] = []
    for hpa in index.snapshot.all(HorizontalPodAutoscaler):
        target = hpa.spec.scale_target_ref
        if (
            hpa.namespace == item.namespace
            and (target.kind, target.name) == (item.kind, item.name)
            and (hpa.spec.min_replicas or 1) > 0
        ):
            missed.append(state_evidence(hpa, "spec.minReplicas", hpa.spec.min_replicas or 1))
            affected.append(hpa.ref)
    for service in services:
        for pod, line in _complaints(index, service):
            missed.append(Evidence(pod, "log", line, None, True))
            affected.append(pod)
        for check in index.snapshot.checks:
            if check.outcome not in {"ok", "unknown"} and _names(service, check.target):
                missed.append(
                    Evidence(check.origin, "check", f"{check.probe} {check.target}: {check.outcome}", check.time)
                )
        users = _users(index, service)
        affected += [ref for ref, _ in users]
        missed += [evidence for _, evidence in users]
    for call in () if services else _called(index, item):
        missed.append(call.evidence)
        affected += [call.origin, *([call.service] if call.service else ())]
    evidence = state_evidence(item, "spec.replicas", 0)
    return Stopped(
        item.ref,
        "is scaled to 0",
        evidence,
        tuple(service.ref for service in services),
        tuple(missed[:4]),
        tuple(dict.fromkeys(affected)),
        _scales_itself(index, item),
    )


def _left_alone(index: Index, item: Workload) -> list[Service]:
    """Services that select the workload's pods and nobody else's that are ready. The headless one that only names a StatefulSet's pods goes with them."""
    own = item.spec.service_name if isinstance(item, StatefulSet) else ""
    labels = item.spec.template.metadata.labels
    return [
        service
        for service in index.services_in(item.namespace)
        if matches_map(service.spec.selector, labels)
        and not (service.name == own and service.spec.cluster_ip == "None")
        and not any(
            is_ready(pod) and matches_map(service.spec.selector, pod.labels) for pod in index.pods_in(item.namespace)
        )
    ]


def _called(index: Index, item: Workload) -> list[Call]:
    """In vain, by its own name: where no row or selector told which Service leads to it."""
    return [
        call
        for call in calls(index)
        if call.failed and call.service and (call.service.namespace, call.service.name) == (item.namespace, item.name)
    ]


def _names(service: Service, text: str) -> bool:
    return re.search(
        rf"(?<![\w.-]){re.escape(service.name)}(?:\.{re.escape(service.namespace)}(?:\.svc(?:\.[\w.-]+)?)?)?(?![\w-]|\.[a-z])",
        text,
    ) is not None or (
        bool(service.spec.cluster_ip) and service.spec.cluster_ip != "None" and service.spec.cluster_ip in text
    )


def _complaints(index: Index, service: Service) -> list[tuple[Ref, str]]:
    found = []
    for log in index.snapshot.logs:
        pod = index.snapshot.get(Pod, log.namespace, log.pod)
        if service.name not in log.text and (service.spec.cluster_ip or "-") not in log.text:
            continue
        line = next(
            (line for line in reversed(log.text.splitlines()) if _FAILED.search(line) and _names(service, line)), ""
        )
        if line and not (log.previous and pod and is_ready(pod)):
            found.append((Ref("Pod", log.namespace, log.pod), line.strip()[:300]))
    return found[:2]


def _users(index: Index, service: Service) -> list[tuple[Ref, Evidence]]:
    """Workloads whose configuration names the Service."""
    return [
        (edge.consumer, Evidence(edge.address.at, edge.address.path, edge.address.text[:200]))
        for edge in edges_to(index, service.ref)
        if edge.consumer != service.ref
    ]


def _scales_itself(index: Index, item: Workload) -> bool:
    """KEDA and Knative scale to zero by design."""
    for other in index.snapshot.of_kind("ScaledObject"):
        target = value_at(getattr(other, "spec", None), ("scaleTargetRef",))
        if other.namespace == item.namespace and isinstance(target, Mapping) and target.get("name") == item.name:
            return True
    return any(key.startswith("serving.knative.dev/") for key in item.labels)
