"""What the API server refuses of an object as somebody wrote it: fields that contradict each other, are missing or are given twice. Source: pkg/apis/{core,apps,autoscaling,policy,networking}/validation.

Forms of names, selectors, resources and mounts are the twin's (`twin.admission.validation`); fields that no kind has are the reader's (`Snapshot.misfits`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from seakeep.facts.admission.written_metrics import broken_metrics
from seakeep.facts.admission.written_pods import broken_container, broken_pod
from seakeep.model.objects import (
    ClusterRoleBinding,
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    KubeObject,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PodSpec,
    Secret,
    Service,
    StatefulSet,
    Workload,
)
from seakeep.model.objects.pods import Container, Probe

T = TypeVar("T")
# By type of Secret: the keys that it must have.
_SECRET_KEYS = {"kubernetes.io/tls": ("tls.crt", "tls.key"), "kubernetes.io/dockerconfigjson": (".dockerconfigjson",)}
_KEY = re.compile("[-._a-zA-Z0-9]{1,253}")
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
        case PersistentVolumeClaim():
            yield from _claim(item, "spec")
        case Ingress():
            yield from _ingress(item)
        case ConfigMap():
            yield from _keys((*item.data, *item.binary_data))
        case Secret():
            yield from _keys(item.keys)
            for key in _SECRET_KEYS.get(item.type, ()):
                if key not in item.keys:
                    yield f"data[{key}]", f"missing, and required of a Secret of type {item.type}"
        case ClusterRoleBinding() if placed:
            for number, subject in enumerate(item.subjects):
                if subject.kind == "ServiceAccount" and not subject.namespace:
                    yield f"subjects[{number}].namespace", "missing, and required of a ServiceAccount"
        case Workload() | Job() | CronJob() | Pod():
            yield from _workload(item)


def _keys(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if not _KEY.fullmatch(name) or name in {".", ".."}:
            yield f"data[{name[:60]}]", "a key has no other letters than - . _ a-z A-Z 0-9, and 253 at most"


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
    yield from broken_metrics(item)


def _claim(item: PersistentVolumeClaim, path: str) -> Iterator[tuple[str, str]]:
    if not item.spec.access_modes:
        yield f"{path}.accessModes", "missing, and required"
    if "storage" not in item.spec.resources.requests:
        yield f"{path}.resources.requests.storage", "missing, and required"


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
            own: tuple[str, ...] = ()
            if isinstance(item, StatefulSet):
                for claim in item.spec.volume_claim_templates:
                    own = (*own, claim.name)
                    yield from _claim(claim, f"spec.volumeClaimTemplates[{claim.name}].spec")
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


def _pod(spec: PodSpec, path: str, own: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name in _twice(volume.name for volume in spec.volumes if volume.name not in own):
        yield f"{path}.volumes", f"{name} is given twice"
    yield from broken_pod(spec, path)
    for kind, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for each in containers:
            where = f"{path}.{kind}[{each.name}]"
            yield from _container(each, where)
            yield from broken_container(each, where)


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
