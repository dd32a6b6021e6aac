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
    LabelSelector,
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
from seakeep.model.objects.pods import PodTemplate
from seakeep.model.objects.storage import ClaimStatus
from seakeep.model.objects.workloads import ClaimRetention, JobSpec, JobTemplate, RollingUpdate, Strategy, WorkloadSpec
from seakeep.twin.admission.pod_defaults import canonical, canonical_resources, pod_defaults, template_defaults

T = TypeVar("T", bound=KubeObject)
_HISTORY = 10
_CPU_METRIC = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}


def defaulted(item: T) -> T:
    """Raises QuantityError."""
    step = _BY_KIND.get(type(item))
    return step(item) if step else item


def _namespace(item: Namespace) -> Namespace:
    labels = item.labels | {"kubernetes.io/metadata.name": item.name}
    status = item.status if item.status.phase else NamespaceStatus(phase="Active")
    return replace(item, metadata=replace(item.metadata, labels=labels), status=status)


def _workload(spec: WorkloadSpec, *, history: bool = True, replicas: bool = True) -> WorkloadSpec:
    return replace(
        spec,
        replicas=1 if replicas and spec.replicas is None else spec.replicas,
        revision_history_limit=_HISTORY
        if history and spec.revision_history_limit is None
        else spec.revision_history_limit,
        template=template_defaults(spec.template),
    )


def _rolling(strategy: Strategy | None, unavailable: int | str | None, surge: int | str | None) -> Strategy:
    strategy = strategy or Strategy()
    kind = strategy.type or "RollingUpdate"
    if kind != "RollingUpdate":
        return strategy
    own = strategy.rolling_update or RollingUpdate()
    rolling = replace(
        own,
        max_unavailable=unavailable if own.max_unavailable is None else own.max_unavailable,
        max_surge=surge if own.max_surge is None else own.max_surge,
    )
    return replace(strategy, type=kind, rolling_update=rolling)


def _deployment(item: Deployment) -> Deployment:
    spec = _workload(item.spec)
    return replace(item, spec=replace(spec, strategy=_rolling(spec.strategy, "25%", "25%")))


def _replica_set(item: ReplicaSet) -> ReplicaSet:
    return replace(item, spec=_workload(item.spec, history=False))


def _daemon_set(item: DaemonSet) -> DaemonSet:
    spec = _workload(item.spec, replicas=False)
    return replace(item, spec=replace(spec, update_strategy=_rolling(spec.update_strategy, 1, 0)))


def _stateful_set(item: StatefulSet) -> StatefulSet:
    spec = _workload(item.spec)
    own = spec.update_strategy
    rolls = own is None or not own.type or own.rolling_update is not None
    claims = tuple(replace(_claim(claim), api_version="v1") for claim in spec.volume_claim_templates)
    spec = replace(
        spec,
        update_strategy=_rolling(own, 1, None) if rolls else own,
        volume_claim_templates=claims,
        persistent_volume_claim_retention_policy=spec.persistent_volume_claim_retention_policy or ClaimRetention(),
    )
    return replace(item, spec=spec)


def _controller(item: ReplicationController) -> ReplicationController:
    """Labels and selector follow the template's labels."""
    labels = item.spec.template.metadata.labels
    spec = replace(
        item.spec,
        replicas=1 if item.spec.replicas is None else item.spec.replicas,
        selector=item.spec.selector or labels,
        template=template_defaults(item.spec.template),
    )
    return replace(item, metadata=replace(item.metadata, labels=item.labels or labels), spec=spec)


def _job_spec(spec: JobSpec) -> JobSpec:
    alone = spec.completions is None and spec.parallelism is None
    return replace(
        spec,
        completions=1 if alone else spec.completions,
        parallelism=1 if spec.parallelism is None else spec.parallelism,
        template=template_defaults(spec.template),
    )


def _job(item: Job) -> Job:
    """A Job without labels shares its template's, those included that tell its pods from others."""
    spec = _job_spec(item.spec)
    replacement = spec.pod_replacement_policy or ("Failed" if spec.pod_failure_policy else "TerminatingOrFailed")
    item = replace(item, spec=replace(spec, pod_replacement_policy=replacement))
    if item.labels or not spec.template.metadata.labels:
        return item
    item = job_selector(item)
    return replace(item, metadata=replace(item.metadata, labels=item.spec.template.metadata.labels))


def job_selector(item: Job) -> Job:
    """Labels that tell this Job's pods from all others (pkg/registry/batch/job `generateSelector`)."""
    if item.spec.selector is not None or not item.metadata.uid:
        return item
    uid, prefix = item.metadata.uid, "batch.kubernetes.io/"
    own = {"controller-uid": uid, "job-name": item.name}
    labels = item.spec.template.metadata.labels | own | {f"{prefix}{name}": value for name, value in own.items()}
    template = PodTemplate(metadata=replace(item.spec.template.metadata, labels=labels), spec=item.spec.template.spec)
    selector = LabelSelector(match_labels={f"{prefix}controller-uid": uid})
    return replace(item, spec=replace(item.spec, template=template, selector=selector))


def _cron_job(item: CronJob) -> CronJob:
    spec = item.spec
    template = replace(spec.job_template.spec, template=template_defaults(spec.job_template.spec.template))
    spec = replace(
        spec,
        successful_jobs_history_limit=3
        if spec.successful_jobs_history_limit is None
        else spec.successful_jobs_history_limit,
        failed_jobs_history_limit=1 if spec.failed_jobs_history_limit is None else spec.failed_jobs_history_limit,
        job_template=JobTemplate(metadata=spec.job_template.metadata, spec=template),
    )
    return replace(item, spec=spec)


def _autoscaler(item: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
    spec = item.spec
    least = 1 if spec.min_replicas is None else spec.min_replicas
    return replace(item, spec=replace(spec, min_replicas=least, metrics=spec.metrics or (_CPU_METRIC,)))


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


def _claim(item: PersistentVolumeClaim) -> PersistentVolumeClaim:
    spec = replace(item.spec, resources=canonical_resources(item.spec.resources))
    return replace(item, spec=spec, status=item.status if item.status.phase else ClaimStatus(phase="Pending"))


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
    CronJob: _cron_job,
    DaemonSet: _daemon_set,
    Deployment: _deployment,
    HorizontalPodAutoscaler: _autoscaler,
    Job: _job,
    LimitRange: _limit_range,
    Namespace: _namespace,
    NetworkPolicy: _network_policy,
    PersistentVolumeClaim: _claim,
    Pod: pod_defaults,
    PriorityClass: _priority_class,
    ReplicaSet: _replica_set,
    ReplicationController: _controller,
    ResourceQuota: _quota,
    Secret: _secret,
    Service: _service,
    StatefulSet: _stateful_set,
}
