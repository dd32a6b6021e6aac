"""Controllers of pods (apps/v1, batch/v1, core/v1, autoscaling/v2, policy/v1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seakeep.model.objects.base import Condition, IntOrString, KubeObject, LabelSelector, Wire
from seakeep.model.objects.pods import PodTemplate, PodTemplateMetadata
from seakeep.model.objects.storage import PersistentVolumeClaim


class RollingUpdate(Wire, frozen=True, kw_only=True):
    max_surge: IntOrString | None = None
    max_unavailable: IntOrString | None = None
    partition: int = 0


class Strategy(Wire, frozen=True, kw_only=True):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


class Ordinals(Wire, frozen=True, kw_only=True):
    start: int = 0


class ClaimRetention(Wire, frozen=True, kw_only=True):
    """What becomes of a StatefulSet's claims."""

    when_deleted: str = "Retain"
    when_scaled: str = "Retain"


class WorkloadSpec(Wire, frozen=True, kw_only=True):
    """Deployment, ReplicaSet, StatefulSet, DaemonSet and ReplicationController; fields that a kind lacks keep their default."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    strategy: Strategy | None = None
    update_strategy: Strategy | None = None
    min_ready_seconds: int = 0
    progress_deadline_seconds: int = 600
    revision_history_limit: int | None = None
    paused: bool = False
    service_name: str = ""
    pod_management_policy: str = "OrderedReady"
    volume_claim_templates: tuple[PersistentVolumeClaim, ...] = ()
    ordinals: Ordinals | None = None
    persistent_volume_claim_retention_policy: ClaimRetention | None = None


class WorkloadStatus(Wire, frozen=True, kw_only=True):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    updated_replicas: int = 0
    current_replicas: int = 0
    observed_generation: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    number_misscheduled: int = 0
    number_unavailable: int = 0
    number_available: int = 0
    updated_number_scheduled: int = 0
    fully_labeled_replicas: int = 0
    terminating_replicas: int | None = None
    collision_count: int | None = None
    conditions: tuple[Condition, ...] = ()


class Workload(KubeObject, frozen=True, kw_only=True):
    """Base of the kinds that keep a number of pods running."""

    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class Deployment(Workload, frozen=True, kw_only=True):
    kind: str = "Deployment"


class ReplicaSet(Workload, frozen=True, kw_only=True):
    kind: str = "ReplicaSet"


class StatefulSet(Workload, frozen=True, kw_only=True):
    kind: str = "StatefulSet"


class DaemonSet(Workload, frozen=True, kw_only=True):
    kind: str = "DaemonSet"


class ControllerRevision(KubeObject, frozen=True, kw_only=True):
    """A pod template that a StatefulSet or DaemonSet had; `data` is the patch that brings it back."""

    kind: str = "ControllerRevision"
    data: dict[str, Any] = {}
    revision: int = 0


class ReplicationControllerSpec(Wire, frozen=True, kw_only=True):
    replicas: int | None = None
    selector: dict[str, str] = {}
    template: PodTemplate = PodTemplate()


class ReplicationController(KubeObject, frozen=True, kw_only=True):
    kind: str = "ReplicationController"
    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: WorkloadStatus = WorkloadStatus()


class ExitCodes(Wire, frozen=True, kw_only=True):
    container_name: str | None = None
    operator: str = ""
    values: tuple[int, ...] = ()


class PodConditionPattern(Wire, frozen=True, kw_only=True):
    type: str = ""
    status: str = "True"


class FailureRule(Wire, frozen=True, kw_only=True):
    action: str = ""
    on_exit_codes: ExitCodes | None = None
    on_pod_conditions: tuple[PodConditionPattern, ...] = ()


class FailurePolicy(Wire, frozen=True, kw_only=True):
    rules: tuple[FailureRule, ...] = ()


class SuccessRule(Wire, frozen=True, kw_only=True):
    succeeded_indexes: str | None = None
    succeeded_count: int | None = None


class SuccessPolicy(Wire, frozen=True, kw_only=True):
    rules: tuple[SuccessRule, ...] = ()


class JobSpec(Wire, frozen=True, kw_only=True):
    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int = 6
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    suspend: bool = False
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    completion_mode: str = "NonIndexed"
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    pod_failure_policy: FailurePolicy | None = None
    pod_replacement_policy: str = ""
    success_policy: SuccessPolicy | None = None
    managed_by: str = ""


class Uncounted(Wire, frozen=True, kw_only=True):
    """Ended pods whose finalizer is still to be removed, by uid."""

    succeeded: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class JobStatus(Wire, frozen=True, kw_only=True):
    active: int = 0
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None
    terminating: int = 0
    completed_indexes: str = ""
    failed_indexes: str | None = None
    uncounted_terminated_pods: Uncounted | None = None
    conditions: tuple[Condition, ...] = ()


class Job(KubeObject, frozen=True, kw_only=True):
    kind: str = "Job"
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Wire, frozen=True, kw_only=True):
    metadata: PodTemplateMetadata = PodTemplateMetadata()
    spec: JobSpec = JobSpec()


class CronJobSpec(Wire, frozen=True, kw_only=True):
    schedule: str = ""
    suspend: bool = False
    concurrency_policy: str = "Allow"
    time_zone: str | None = None
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int | None = None
    failed_jobs_history_limit: int | None = None
    job_template: JobTemplate = JobTemplate()


class ActiveJob(Wire, frozen=True, kw_only=True):
    name: str = ""
    uid: str = ""


class CronJobStatus(Wire, frozen=True, kw_only=True):
    active: tuple[ActiveJob, ...] = ()
    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None


class CronJob(KubeObject, frozen=True, kw_only=True):
    kind: str = "CronJob"
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


class ScaleTarget(Wire, frozen=True, kw_only=True):
    kind: str = ""
    name: str = ""
    api_version: str = ""


class HpaSpec(Wire, frozen=True, kw_only=True):
    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: int | None = None
    max_replicas: int = 0
    metrics: tuple[dict[str, Any], ...] = ()
    behavior: dict[str, Any] | None = None


class HpaStatus(Wire, frozen=True, kw_only=True):
    last_scale_time: datetime | None = None
    observed_generation: int | None = None
    current_replicas: int = 0
    desired_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class HorizontalPodAutoscaler(KubeObject, frozen=True, kw_only=True):
    kind: str = "HorizontalPodAutoscaler"
    spec: HpaSpec = HpaSpec()
    status: HpaStatus = HpaStatus()


class PdbSpec(Wire, frozen=True, kw_only=True):
    min_available: IntOrString | None = None
    max_unavailable: IntOrString | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str = ""
    """`""` is IfHealthyBudget, but not the same specification."""


class PdbStatus(Wire, frozen=True, kw_only=True):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    observed_generation: int = 0
    disrupted_pods: dict[str, datetime] = {}
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(KubeObject, frozen=True, kw_only=True):
    kind: str = "PodDisruptionBudget"
    spec: PdbSpec = PdbSpec()
    status: PdbStatus = PdbStatus()
