"""Why a Job is to end, as far as that is not having enough successes. Source: pkg/controller/job (syncJob)."""

from __future__ import annotations

from seakeep.model.objects import Condition, Job
from seakeep.twin.controllers.job_policies import judged, success
from seakeep.twin.controllers.job_tally import Tally


def met(job: Job, kind: str) -> Condition | None:
    return next((item for item in job.status.conditions if item.type == kind and item.status == "True"), None)


def is_finished(job: Job) -> bool:
    return met(job, "Complete") is not None or met(job, "Failed") is not None


def verdict(tally: Tally) -> Condition | None:
    job = tally.job
    for kind in ("SuccessCriteriaMet", "FailureTarget"):
        if (known := met(job, kind)) is not None:
            return known
    if why := _failure(tally):
        return tally.condition("FailureTarget", *why)
    text = success(job, tally.done) if tally.indexed else ""
    return tally.condition("SuccessCriteriaMet", "SuccessPolicy", text) if text else None


def _failure(tally: Tally) -> tuple[str, str] | None:
    """Reason and message."""
    spec = tally.job.spec
    text = next((text for pod in tally.lost if (text := judged(tally.job, pod)[0])), "")
    if text:
        return "PodFailurePolicy", text
    if tally.failed > spec.backoff_limit or _restarted_too_often(tally):
        return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    if _is_past_deadline(tally):
        return "DeadlineExceeded", "Job was active longer than specified deadline"
    if tally.indexed and spec.backoff_limit_per_index is not None:
        if spec.max_failed_indexes is not None and len(tally.broken) > spec.max_failed_indexes:
            return "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"
        if tally.broken and len(tally.broken) + len(tally.done) >= (tally.completions or 0):
            return "FailedIndexes", "Job has failed indexes"
    return None


def _restarted_too_often(tally: Tally) -> bool:
    if tally.job.spec.template.spec.restart_policy != "OnFailure":
        return False
    count = sum(
        status.restart_count
        for pod in tally.active
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses)
    )
    limit = tally.job.spec.backoff_limit
    return count > 0 if limit == 0 else count >= limit


def _is_past_deadline(tally: Tally) -> bool:
    limit, since = tally.job.spec.active_deadline_seconds, tally.status.start_time
    if limit is None or since is None or tally.job.spec.suspend:
        return False
    return (tally.now - since).total_seconds() >= limit
