"""What a Job's pods amount to. Source: pkg/controller/job (syncJob, trackJobStatusAndRemoveFinalizers)."""

from __future__ import annotations

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Condition, Job, Pod
from seakeep.twin.controller import View
from seakeep.twin.controllers import job_indexes as indexes
from seakeep.twin.controllers.job_backoff import backoff_of
from seakeep.twin.controllers.job_policies import is_index_failed, judged
from seakeep.twin.controllers.pods import is_active, is_terminating

TRACKING = "batch.kubernetes.io/job-tracking"


class Tally:
    """Changes while the Job is worked on: `active` and `ending` as pods are made and deleted, `failed` and `status` as conclusions are drawn.

    `tracked` are the pods that are not counted yet, `won` and `lost` those of them that have ended; `done` and `broken` are indexes.
    """

    def __init__(self, view: View, job: Job, pods: list[Pod]) -> None:
        self.view, self.job, self.now = view, job, view.now
        self.indexed = job.spec.completion_mode == "Indexed"
        self.replaces_failed_only = job.spec.pod_replacement_policy == "Failed" or (
            not job.spec.pod_replacement_policy and job.spec.pod_failure_policy is not None
        )
        self.parallelism = 1 if job.spec.parallelism is None else job.spec.parallelism
        self.completions = job.spec.completions
        if self.completions is None and job.spec.parallelism is None:
            self.completions = 1
        self.pods = pods
        self.active = [pod for pod in pods if is_active(pod)]
        self.tracked = [pod for pod in pods if TRACKING in pod.metadata.finalizers and self._counts(pod)]
        self.won = [pod for pod in self.tracked if pod.status.phase == "Succeeded"]
        self.lost = [pod for pod in self.tracked if self._has_failed(pod)]
        self.ending = sum(is_terminating(pod) and not is_ended(pod) for pod in pods)
        self.done: set[int] = set()
        self.broken: set[int] = set()
        self.succeeded = job.status.succeeded + len(self.won)
        self.failed = job.status.failed + self.counting(self.lost)
        if self.indexed:
            total = self.completions or 0
            self.done = indexes.parsed(job.status.completed_indexes, total) | _indexes(self.won)
            self.succeeded = len(self.done)
            self.broken = indexes.parsed(job.status.failed_indexes or "", total)
            self.broken |= _indexes([pod for pod in self.lost if is_index_failed(job, pod)])
        self.status = job.status
        self.delayed = self._delayed()
        self.backoff = backoff_of(view.state, job, self.tracked).after(self.won, self.lost)

    def condition(self, kind: str, reason: str, message: str, status: str = "True") -> Condition:
        return Condition(type=kind, status=status, reason=reason, message=message, last_transition_time=self.now)

    def counting(self, failed: list[Pod]) -> int:
        """Of how many of these the failure counts."""
        return sum(judged(self.job, pod)[1] for pod in failed)

    def taken(self) -> set[int]:
        """The indexes that need no pod more."""
        return self.done | self.broken | _indexes(self.active)

    def _counts(self, pod: Pod) -> bool:
        return not self.indexed or 0 <= indexes.index_of(pod) < (self.completions or 0)

    def _has_failed(self, pod: Pod) -> bool:
        if pod.status.phase == "Failed":
            return True
        return not self.replaces_failed_only and is_terminating(pod) and pod.status.phase != "Succeeded"

    def _delayed(self) -> dict[int, Pod]:
        """Failed pods that wait for their replacement, which takes over the count of failures of the index."""
        if self.job.spec.backoff_limit_per_index is None:
            return {}
        taken = self.taken()
        return {indexes.index_of(pod): pod for pod in self.lost if indexes.index_of(pod) not in taken}


def _indexes(pods: list[Pod]) -> set[int]:
    return {indexes.index_of(pod) for pod in pods}
