"""Defaults of every kind but pods. Source: pkg/apis/{core,apps,batch,autoscaling,networking,scheduling}/*/defaults.go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    KubeObject,
    LimitRange,
    Namespace,
    NetworkPolicy,
    PersistentVolumeClaim,
    Pod,
    PriorityClass,
    ReplicaSet,
    ReplicationController,
    ResourceQuota,
    Secret,
    Service,
    ServicePort,
    StatefulSet,
)
from seakeep.model.objects.cluster import Limit, LimitRangeSpec, NamespaceStatus
from seakeep.twin.admission import defaults_workloads as workloads
from seakeep.twin.admission.pod_defaults import canonical, pod_defaults

T = TypeVar("T", bound=KubeObject)


def defaulted(item: T) -> T:
    """Raises QuantityError."""
    step = _BY_KIND.get(type(item))
    return step(item) if step else item


def _namespace(item: Namespace) -> Namespace:
    labels = item.labels | {"kubernetes.io/metadata.name": item.name}
    status = item.status if item.status.phase else NamespaceStatus(phase="Active")
    return replace(item, metadata=replace(item.metadata, labels=labels), status=status)


def _service(item: Service) -> Service:
    spec = item.spec
    kind = spec.type or "ClusterIP"
    outside = kind in {"NodePort", "LoadBalancer"} or (kind == "ClusterIP" and spec.external_ips)
    node_ports = spec.allocate_load_balancer_node_ports
    spec = replace(
        spec,
        type=kind,
        session_affinity=spec.session_affinity or "None",
        ports=tuple(_port(port) for port in spec.ports),
        external_traffic_policy=spec.external_traffic_policy or ("Cluster" if outside else ""),
        internal_traffic_policy=spec.internal_traffic_policy or ("" if kind == "ExternalName" else "Cluster"),
        allocate_load_balancer_node_ports=True if kind == "LoadBalancer" and node_ports is None else node_ports,
    )
    return replace(item, spec=spec)


def _port(port: ServicePort) -> ServicePort:
    return replace(port, target_port=port.port if port.target_port in {None, 0, ""} else port.target_port)


def _limit_range(item: LimitRange) -> LimitRange:
    return replace(item, spec=LimitRangeSpec(limits=tuple(_limit(limit) for limit in item.spec.limits)))


def _limit(limit: Limit) -> Limit:
    """Of containers: default limits from max, default requests from default limits, then from min."""
    least, most = canonical(limit.min), canonical(limit.max)
    default, request = canonical(limit.default), canonical(limit.default_request)
    if limit.type == "Container":
        default = most | default
        request = least | default | request
    ratio = canonical(limit.max_limit_request_ratio)
    return replace(limit, min=least, max=most, default=default, default_request=request, max_limit_request_ratio=ratio)


def _quota(item: ResourceQuota) -> ResourceQuota:
    return replace(item, spec=replace(item.spec, hard=canonical(item.spec.hard)))


def _secret(item: Secret) -> Secret:
    return replace(item, type=item.type or "Opaque")


def _priority_class(item: PriorityClass) -> PriorityClass:
    return replace(item, preemption_policy=item.preemption_policy or "PreemptLowerPriority")


def _network_policy(item: NetworkPolicy) -> NetworkPolicy:
    kinds = item.spec.policy_types or (("Ingress", "Egress") if item.spec.egress else ("Ingress",))
    return replace(item, spec=replace(item.spec, policy_types=kinds))


_BY_KIND: dict[type[KubeObject], Callable[[Any], Any]] = {
    CronJob: workloads.cron_job,
    DaemonSet: workloads.daemon_set,
    Deployment: workloads.deployment,
    HorizontalPodAutoscaler: workloads.autoscaler,
    Job: workloads.job,
    LimitRange: _limit_range,
    Namespace: _namespace,
    NetworkPolicy: _network_policy,
    PersistentVolumeClaim: workloads.claim,
    Pod: pod_defaults,
    PriorityClass: _priority_class,
    ReplicaSet: workloads.replica_set,
    ReplicationController: workloads.controller,
    ResourceQuota: _quota,
    Secret: _secret,
    Service: _service,
    StatefulSet: workloads.stateful_set,
}
