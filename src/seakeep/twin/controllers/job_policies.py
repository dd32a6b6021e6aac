"""What a Job's policies say of failed pods, and of indexes that have succeeded. Source: pkg/controller/job/{pod_failure_policy,success_policy}.go."""

from __future__ import annotations

from seakeep.model.objects import ContainerStatus, Job, Pod
from seakeep.model.objects.workloads import ExitCodes
from seakeep.twin.controllers.job_indexes import failures, parsed


def judged(job: Job, pod: Pod) -> tuple[str, bool, str]:
    """(message that fails the Job, whether the failure counts, action) by the pod failure policy."""
    for number, rule in enumerate(job.spec.pod_failure_policy.rules if job.spec.pod_failure_policy else ()):
        text = ""
        if rule.on_exit_codes is not None:
            status = _exited(pod, rule.on_exit_codes)
            if status is None or status.state.terminated is None:
                continue
            code = status.state.terminated.exit_code
            text = f"Container {status.name} for pod {pod.namespace}/{pod.name} failed with exit code {code}"
        else:
            wanted = {(item.type, item.status) for item in rule.on_pod_conditions}
            met = next((item for item in pod.status.conditions if (item.type, item.status) in wanted), None)
            if met is None:
                continue
            text = f"Pod {pod.namespace}/{pod.name} has condition {met.type}"
        text += f" matching {rule.action} rule at index {number}"
        return (text if rule.action == "FailJob" else "", rule.action != "Ignore", rule.action)
    return "", True, ""


def _exited(pod: Pod, wanted: ExitCodes) -> ContainerStatus | None:
    for status in (*pod.status.container_statuses, *pod.status.init_container_statuses):
        ended = status.state.terminated
        if ended is None or not ended.exit_code or wanted.container_name not in {None, "", status.name}:
            continue
        if (ended.exit_code in wanted.values) == (wanted.operator == "In"):
            return status
    return None


def is_index_failed(job: Job, pod: Pod) -> bool:
    """`isIndexFailed` of a failed pod."""
    _, counts, action = judged(job, pod)
    if action == "FailIndex":
        return True
    return counts and job.spec.backoff_limit_per_index is not None and failures(pod) >= job.spec.backoff_limit_per_index


def success(job: Job, succeeded: set[int]) -> str:
    """The message of the success policy's first rule that is met."""
    for number, rule in enumerate(job.spec.success_policy.rules if job.spec.success_policy else ()):
        if not succeeded:
            break
        wanted = succeeded
        if rule.succeeded_indexes is not None:
            wanted = parsed(rule.succeeded_indexes, job.spec.completions or 0)
            if wanted and wanted <= succeeded:
                return f"Matched rules at index {number}"
        if rule.succeeded_count is not None and wanted and len(wanted & succeeded) >= rule.succeeded_count:
            return f"Matched rules at index {number}"
    return ""
