"""What the API server refuses of an object as somebody wrote it: fields that contradict each other, are missing or are given twice. Source: pkg/apis/{core,apps,autoscaling,policy,networking}/validation.

Forms of names and keys, selectors, resources, security contexts, claims, metrics, volumes and mounts are the twin's (`twin.admission.validation`); fields that no kind has are the reader's (`Snapshot.misfits`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from seakeep.model.objects import (
    ClusterRoleBinding,
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    KubeObject,
    Pod,
    PodDisruptionBudget,
    PodSpec,
    Service,
    StatefulSet,
    Workload,
)
from seakeep.model.objects.pods import Container, Probe

T = TypeVar("T")
_PROBES = ("liveness_probe", "readiness_probe", "startup_probe")


def broken_rules(item: KubeObject, *, placed: bool) -> Iterator[tuple[str, str]]:
    """Path and fault. `placed` where the manifests say in which namespaces they go: Kustomize writes it into subjects, too."""
    match item:
        case Service():
            yield from _service(item)
        case HorizontalPodAutoscaler():
            yield from _autoscaler(item)
        case PodDisruptionBudget():
            if item.spec.min_available is not None and item.spec.max_unavailable is not None:
                yield "spec", "minAvailable and maxUnavailable exclude each other"
        case Ingress():
            yield from _ingress(item)
        case ClusterRoleBinding() if placed:
            for number, subject in enumerate(item.subjects):
                if subject.kind == "ServiceAccount" and not subject.namespace:
                    yield f"subjects[{number}].namespace", "missing, and required of a ServiceAccount"
        case Workload() | Job() | CronJob() | Pod():
            yield from _workload(item)


def _service(item: Service) -> Iterator[tuple[str, str]]:
    spec = item.spec
    if spec.type == "ExternalName":
        if not spec.external_name:
            yield "spec.externalName", "missing, and required of type ExternalName"
        return
    if not spec.ports and spec.cluster_ip != "None":
        yield "spec.ports", "missing, and required"
    if len(spec.ports) > 1 and not all(port.name for port in spec.ports):
        yield "spec.ports[].name", "missing, and required where a Service has several ports"
    for name in _twice(port.name for port in spec.ports if port.name):
        yield "spec.ports[].name", f"{name} is given twice"
    for number, protocol in _twice((port.port, port.protocol) for port in spec.ports):
        yield "spec.ports[].port", f"{number}/{protocol} is given twice"
    if spec.cluster_ip == "None" and spec.type in {"NodePort", "LoadBalancer"}:
        yield "spec.clusterIP", f"None does not go with type {spec.type}"


def _autoscaler(item: HorizontalPodAutoscaler) -> Iterator[tuple[str, str]]:
    least, most = item.spec.min_replicas, item.spec.max_replicas
    if most < 1:
        yield "spec.maxReplicas", "missing or below 1"
    elif least is not None and least > most:
        yield "spec.maxReplicas", f"{most} is below minReplicas, which is {least}"


def _ingress(item: Ingress) -> Iterator[tuple[str, str]]:
    if not item.spec.rules and item.spec.default_backend is None:
        yield "spec", "neither rules nor a defaultBackend"
    for rule in item.spec.rules:
        for path in rule.http.paths if rule.http else ():
            if path.path_type in {"Exact", "Prefix"} and not path.path.startswith("/"):
                yield "spec.rules[].http.paths[].path", f'"{path.path}" does not begin with /'
            if path.backend.service and not (path.backend.service.port.name or path.backend.service.port.number):
                yield (
                    "spec.rules[].http.paths[].backend.service.port",
                    f"missing for Service {path.backend.service.name}",
                )


def _workload(item: KubeObject) -> Iterator[tuple[str, str]]:
    match item:
        case Pod():
            yield from _pod(item.spec, "spec")
        case CronJob():
            yield from _pod(item.spec.job_template.spec.template.spec, "spec.jobTemplate.spec.template.spec")
        case Job():
            yield from _pod(item.spec.template.spec, "spec.template.spec")
        case Workload():
            yield from _strategy(item)
            claims = item.spec.volume_claim_templates if isinstance(item, StatefulSet) else ()
            own = frozenset(claim.name for claim in claims)
            yield from _pod(item.spec.template.spec, "spec.template.spec", own)


def _strategy(item: Workload) -> Iterator[tuple[str, str]]:
    if isinstance(item, Deployment):
        field, strategy = "spec.strategy", item.spec.strategy
    elif isinstance(item, DaemonSet):
        field, strategy = "spec.updateStrategy", item.spec.update_strategy
    else:
        return
    rolling = strategy.rolling_update if strategy else None
    if strategy and rolling and strategy.type not in {"", "RollingUpdate"}:
        yield f"{field}.rollingUpdate", f"does not go with type {strategy.type}"
    elif rolling and {str(rolling.max_surge), str(rolling.max_unavailable)} <= {"0", "0%"}:
        yield f"{field}.rollingUpdate", "maxSurge and maxUnavailable are both 0"


def _pod(spec: PodSpec, path: str, own: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    for name in _twice(volume.name for volume in spec.volumes if volume.name not in own):
        yield f"{path}.volumes", f"{name} is given twice"
    for kind, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for each in containers:
            yield from _container(each, f"{path}.{kind}[{each.name}]")


def _container(item: Container, path: str) -> Iterator[tuple[str, str]]:
    for entry in item.env:
        if entry.value and entry.value_from is not None:
            yield f"{path}.env[{entry.name}]", "has a value and a valueFrom"
    for field in _PROBES:
        probe = getattr(item, field)
        if isinstance(probe, Probe):
            where = f"{path}.{field.split('_')[0]}Probe"
            ways = [each for each in (probe.http_get, probe.tcp_socket, probe.grpc, probe.exec) if each is not None]
            if len(ways) != 1:
                yield where, "says not how to ask" if not ways else "has more than one way to ask"
            elif probe.success_threshold != 1 and field != "readiness_probe":
                yield f"{where}.successThreshold", "must be 1"


def _twice(items: Iterable[T]) -> list[T]:
    found = list(items)
    if len(set(found)) == len(found):  # as nearly always
        return []
    return [item for item, count in Counter(found).items() if count > 1]
