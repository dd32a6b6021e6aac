"""Controllers of pods (apps/v1, batch/v1, core/v1, autoscaling/v2, policy/v1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seakeep.model.objects.base import Condition, IntOrString, KubeObject, LabelSelector, Wire
from seakeep.model.objects.pods import PodTemplate
from seakeep.model.objects.storage import PersistentVolumeClaim


class RollingUpdate(Wire, frozen=True, kw_only=True):
    max_surge: IntOrString | None = None
    max_unavailable: IntOrString | None = None
    partition: int = 0


class Strategy(Wire, frozen=True, kw_only=True):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


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


class ReplicationControllerSpec(Wire, frozen=True, kw_only=True):
    replicas: int | None = None
    selector: dict[str, str] = {}
    template: PodTemplate = PodTemplate()


class ReplicationController(KubeObject, frozen=True, kw_only=True):
    kind: str = "ReplicationController"
    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: WorkloadStatus = WorkloadStatus()


class JobSpec(Wire, frozen=True, kw_only=True):
    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int = 6
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    suspend: bool = False
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()


class JobStatus(Wire, frozen=True, kw_only=True):
    active: int = 0
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()


class Job(KubeObject, frozen=True, kw_only=True):
    kind: str = "Job"
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Wire, frozen=True, kw_only=True):
    spec: JobSpec = JobSpec()


class CronJobSpec(Wire, frozen=True, kw_only=True):
    schedule: str = ""
    suspend: bool = False
    concurrency_policy: str = "Allow"
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(Wire, frozen=True, kw_only=True):
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


class HpaStatus(Wire, frozen=True, kw_only=True):
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
    unhealthy_pod_eviction_policy: str = "IfHealthyBudget"


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
