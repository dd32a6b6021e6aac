"""Defaults of what makes pods. Source: pkg/apis/{core,apps,batch,autoscaling}/*/defaults.go."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    LabelSelector,
    PersistentVolumeClaim,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
)
from seakeep.model.objects.pods import PodTemplate
from seakeep.model.objects.storage import ClaimStatus
from seakeep.model.objects.workloads import ClaimRetention, JobSpec, JobTemplate, RollingUpdate, Strategy, WorkloadSpec
from seakeep.twin.admission.pod_defaults import canonical_resources, template_defaults

_HISTORY = 10
_CPU_METRIC = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}


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


def deployment(item: Deployment) -> Deployment:
    spec = _workload(item.spec)
    return replace(item, spec=replace(spec, strategy=_rolling(spec.strategy, "25%", "25%")))


def replica_set(item: ReplicaSet) -> ReplicaSet:
    return replace(item, spec=_workload(item.spec, history=False))


def daemon_set(item: DaemonSet) -> DaemonSet:
    spec = _workload(item.spec, replicas=False)
    return replace(item, spec=replace(spec, update_strategy=_rolling(spec.update_strategy, 1, 0)))


def stateful_set(item: StatefulSet) -> StatefulSet:
    spec = _workload(item.spec)
    own = spec.update_strategy
    rolls = own is None or not own.type or own.rolling_update is not None
    claims = tuple(replace(claim(each), api_version="v1") for each in spec.volume_claim_templates)
    spec = replace(
        spec,
        update_strategy=_rolling(own, 1, None) if rolls else own,
        volume_claim_templates=claims,
        persistent_volume_claim_retention_policy=spec.persistent_volume_claim_retention_policy or ClaimRetention(),
    )
    return replace(item, spec=spec)


def controller(item: ReplicationController) -> ReplicationController:
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


def job(item: Job) -> Job:
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


def cron_job(item: CronJob) -> CronJob:
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


def autoscaler(item: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
    spec = item.spec
    least = 1 if spec.min_replicas is None else spec.min_replicas
    return replace(item, spec=replace(spec, min_replicas=least, metrics=spec.metrics or (_CPU_METRIC,)))


def claim(item: PersistentVolumeClaim) -> PersistentVolumeClaim:
    spec = replace(item.spec, resources=canonical_resources(item.spec.resources))
    return replace(item, spec=spec, status=item.status if item.status.phase else ClaimStatus(phase="Pending"))
