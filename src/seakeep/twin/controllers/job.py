"""Jobs: pods until so many have succeeded. Source: pkg/controller/job, pkg/controller/ttlafterfinished.

Kubernetes counts an ended pod in two steps (uncounted in the status, then its finalizer is removed); here both happen in one look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace

from seakeep.model.objects import Condition, Job, KubeObject, Pod
from seakeep.model.objects.pods import EnvVar, EnvVarSource, KeySelector, PodSpec
from seakeep.model.objects.workloads import JobStatus, Uncounted
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.controllers import job_indexes as indexes
from seakeep.twin.controllers.pods import (
    NEVER,
    claimed,
    claims,
    deletion_rank,
    interested,
    is_active,
    is_ended,
    is_pod_ready,
    is_terminating,
    pod_from,
)
from seakeep.twin.ending import asked_at
from seakeep.twin.labels import compile_selector
from seakeep.twin.moments import after
from seakeep.twin.state import State

TRACKING = "batch.kubernetes.io/job-tracking"
# DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff.
_PAUSE, _LONGEST_PAUSE = 10.0, 600.0
_BURST = 500


class Jobs:
    name = "job"
    watches = frozenset({"Job", "Pod"})
    owners: ClassVar[Mapping[str, str]] = {"Pod": "Job"}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Job):
            yield item.ref
        elif isinstance(item, Pod):
            yield from interested(state, Job, item)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        job = view.state.get(Job, ref.namespace, ref.name)
        if job is None or job.spec.managed_by not in {"", "kubernetes.io/job-controller"}:
            return
        if is_finished(job):
            yield from _expired(view, job)
            return
        selector = compile_selector(job.spec.selector)
        yield from claims(view, job, selector)
        yield from _Sync(view, job, claimed(view, job, selector)).run()


def met(job: Job, kind: str) -> Condition | None:
    return next((item for item in job.status.conditions if item.type == kind and item.status == "True"), None)


def is_finished(job: Job) -> bool:
    return met(job, "Complete") is not None or met(job, "Failed") is not None


def _expired(view: View, job: Job) -> Iterator[Action]:
    ended = met(job, "Complete") or met(job, "Failed")
    if job.spec.ttl_seconds_after_finished is None or ended is None or job.metadata.deletion_timestamp is not None:
        return
    since = ended.last_transition_time or view.now
    left = (after(since, job.spec.ttl_seconds_after_finished) - view.now).total_seconds()
    yield Wait(job.ref, left, idle=True) if left > 0 else Delete(job.ref, "job: ttlSecondsAfterFinished")


@dataclass(frozen=True, slots=True)
class _Backoff:
    """Failures since the last success, and when the last one was: pods that replace failed ones wait, 10 s, twice as long for each more (backoff_utils.go)."""

    failures: int = 0
    last: datetime | None = None

    def after(self, won: Sequence[datetime], lost: Sequence[datetime]) -> _Backoff:
        if not won:
            return _Backoff(self.failures + len(lost), max(lost)) if lost else self
        later = [time for time in lost if time > max(won)]
        return _Backoff(len(later), max(later, default=None))


def _memory(job: Job) -> tuple[str, Ref, str]:
    return "job backoff", job.ref, job.metadata.uid


class _Sync:
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
        counted = [pod for pod in self.lost if indexes.judged(job, pod)[1]]
        self.failed = job.status.failed + len(counted)
        if self.indexed:
            total = self.completions or 0
            self.done = indexes.parsed(job.status.completed_indexes, total) | {
                indexes.index_of(pod) for pod in self.won
            }
            self.succeeded = len(self.done)
            self.broken = indexes.parsed(job.status.failed_indexes or "", total)
            self.broken |= {indexes.index_of(pod) for pod in self.lost if indexes.is_index_failed(job, pod)}
        self.status = job.status
        self.delayed = self._delayed()
        self.backoff = self._backoff()

    def _counts(self, pod: Pod) -> bool:
        return not self.indexed or 0 <= indexes.index_of(pod) < (self.completions or 0)

    def _has_failed(self, pod: Pod) -> bool:
        if pod.status.phase == "Failed":
            return True
        return not self.replaces_failed_only and is_terminating(pod) and pod.status.phase != "Succeeded"

    def _delayed(self) -> dict[int, Pod]:
        """Failed pods that wait for their replacement, which takes over the count of failures of the index."""
        found: dict[int, Pod] = {}
        if self.job.spec.backoff_limit_per_index is None:
            return found
        taken = self.done | self.broken | {indexes.index_of(pod) for pod in self.active}
        for pod in self.lost:
            if indexes.index_of(pod) not in taken:
                found[indexes.index_of(pod)] = pod
        return found

    def run(self) -> Iterator[Action]:
        job = self.job
        if self.status.start_time is None and not job.spec.suspend:
            self.status = replace(self.status, start_time=self.now)
        final = self._verdict()
        if final is not None:
            for pod in self.active:
                yield Delete(pod.ref, f"job: {final.reason}")
            self.ending += len(self.active)
            if final.type == "FailureTarget":
                # Every pod that has not ended counts as failed, one that is ending as well.
                left = [pod for pod in self.tracked if pod not in self.won and pod not in self.lost]
                self.failed += sum(indexes.judged(job, pod)[1] for pod in left)
            self.active = []
        elif job.metadata.deletion_timestamp is None:
            yield from self._manage()
            complete = self.succeeded > 0 if self.completions is None else self.succeeded >= self.completions
            if complete and not self.active:
                final = self._condition("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")  # fmt: skip
            else:
                self._note_suspension()
        yield from self._record(final)

    def _condition(self, kind: str, reason: str, message: str, status: str = "True") -> Condition:
        return Condition(type=kind, status=status, reason=reason, message=message, last_transition_time=self.now)

    def _verdict(self) -> Condition | None:
        """Why the Job is to end, as far as that is not having enough successes."""
        job = self.job
        for kind in ("SuccessCriteriaMet", "FailureTarget"):
            if (known := met(job, kind)) is not None:
                return known
        for pod in self.lost:
            text = indexes.judged(job, pod)[0]
            if text:
                return self._condition("FailureTarget", "PodFailurePolicy", text)
        if self.failed > job.spec.backoff_limit or self._restarted_too_often():
            return self._condition("FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit")  # fmt: skip
        if self._is_past_deadline():
            return self._condition("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline")
        if self.indexed and job.spec.backoff_limit_per_index is not None:
            if job.spec.max_failed_indexes is not None and len(self.broken) > job.spec.max_failed_indexes:
                text = "Job has exceeded the specified maximal number of failed indexes"
                return self._condition("FailureTarget", "MaxFailedIndexesExceeded", text)
            if self.broken and len(self.broken) + len(self.done) >= (self.completions or 0):
                return self._condition("FailureTarget", "FailedIndexes", "Job has failed indexes")
        text = indexes.success(job, self.done) if self.indexed else ""
        return self._condition("SuccessCriteriaMet", "SuccessPolicy", text) if text else None

    def _restarted_too_often(self) -> bool:
        if self.job.spec.template.spec.restart_policy != "OnFailure":
            return False
        count = sum(
            status.restart_count
            for pod in (*self.active,)
            for status in (*pod.status.init_container_statuses, *pod.status.container_statuses)
        )
        limit = self.job.spec.backoff_limit
        return count > 0 if limit == 0 else count >= limit

    def _is_past_deadline(self) -> bool:
        limit, since = self.job.spec.active_deadline_seconds, self.status.start_time
        if limit is None or since is None or self.job.spec.suspend:
            return False
        return (self.now - since).total_seconds() >= limit

    def _manage(self) -> Iterator[Action]:
        job = self.job
        if job.spec.suspend:
            yield from self._removed(len(self.active), "suspended")
            return
        if self.completions is None:
            wanted = len(self.active) if self.succeeded else self.parallelism
        else:
            wanted = max(min(self.completions - self.succeeded, self.parallelism), 0)
        surplus = max(len(self.active) - wanted, 0)
        double = self._doubled()
        if surplus or double:
            yield from self._removed(surplus, f"{wanted} pods wanted", double)
            return
        missing = wanted - len(self.active) - (self.ending if self.replaces_failed_only else 0)
        if missing > 0:
            yield from self._made(min(missing, _BURST))

    def _doubled(self) -> list[Pod]:
        """All but one of the active pods of an index, and those with none that counts."""
        if not self.indexed:
            return []
        found: list[Pod] = []
        for index in sorted({indexes.index_of(pod) for pod in self.active}):
            same = [pod for pod in self.active if indexes.index_of(pod) == index]
            same.sort(key=lambda pod: deletion_rank(self.now, pod, 0, cost=False))
            found.extend(same[:-1] if 0 <= index < (self.completions or 0) else same)
        return found

    def _removed(self, count: int, why: str, first: Sequence[Pod] = ()) -> Iterator[Action]:
        left = [pod for pod in self.active if pod not in first]
        ranked = sorted(left, key=lambda pod: deletion_rank(self.now, pod, 0, cost=False))
        gone = [*first, *ranked[: max(count - len(first), 0)]][:_BURST]
        for pod in gone:
            yield Update(_untracked(pod), "job: finalizer")
            yield Delete(pod.ref, f"job: {why}")
        self.active = [pod for pod in self.active if pod not in gone]
        self.ending += len(gone)

    def _made(self, count: int) -> Iterator[Action]:
        job = self.job
        numbers: list[int] = []
        if self.indexed:
            taken = self.done | self.broken | {indexes.index_of(pod) for pod in self.active}
            if self.replaces_failed_only:
                taken |= {indexes.index_of(pod) for pod in self.pods if is_terminating(pod) and not is_ended(pod)}
            numbers = [index for index in range(self.completions or 0) if index not in taken][:count]
            count = len(numbers)
        if job.spec.backoff_limit_per_index is None:
            left = _left(self.now, self.backoff.failures, self.backoff.last)
            if left > 0:
                yield Wait(job.ref, left)
                return
        else:
            pauses = {index: self._index_pause(index) for index in numbers}
            ready = [index for index in numbers if pauses[index] <= 0]
            if numbers and not ready:
                yield Wait(job.ref, min(pauses.values()))
                return
            numbers, count = ready, len(ready)
        for position in range(count):
            pod = self._pod(numbers[position] if numbers else -1)
            yield Create(pod, f"job: {len(self.active)} active pods")
            found = self.view.state.get(Pod, pod.namespace, pod.name)
            if found is None:
                return
            self.active.append(found)

    def _backoff(self) -> _Backoff:
        """`newBackoffRecord`. What the controller has in memory is, at the first look, what the pods show that are still there."""
        known = self.view.state.note(_memory(self.job))
        if not isinstance(known, _Backoff):
            counted = [
                pod for pod in self.view.state.pods_of(self.job.ref) if is_ended(pod) and pod not in self.tracked
            ]
            won = [finished(pod) for pod in counted if pod.status.phase == "Succeeded"]
            known = _Backoff().after(won, [finished(pod) for pod in counted if pod.status.phase != "Succeeded"])
        return known.after([finished(pod) for pod in self.won], [finished(pod) for pod in self.lost])

    def _index_pause(self, index: int) -> float:
        pod = self.delayed.get(index)
        if pod is None:
            return 0.0
        return _left(self.now, indexes.failures(pod) + indexes.failures(pod, indexes.IGNORED) + 1, finished(pod))

    def _pod(self, index: int) -> Pod:
        job, suffix = self.job, self.view.suffix()
        if index < 0:
            prefix = f"{job.name}-"
            pod = pod_from(job, job.spec.template, prefix + suffix, prefix)
            return replace(pod, metadata=replace(pod.metadata, finalizers=(TRACKING,)))
        prefix = f"{job.name}-{index}-"
        pod = pod_from(job, job.spec.template, prefix + suffix, prefix)
        annotations = {**pod.metadata.annotations, indexes.INDEX: str(index)}
        if job.spec.backoff_limit_per_index is not None:
            before = self.delayed.get(index)
            counts = before is None or indexes.judged(job, before)[1]
            annotations[indexes.FAILURES] = str(indexes.failures(before) + counts if before else 0)
            ignored = indexes.failures(before, indexes.IGNORED) + (not counts) if before else 0
            if ignored:
                annotations[indexes.IGNORED] = str(ignored)
        labels = {**pod.labels, indexes.INDEX: str(index)}
        metadata = replace(pod.metadata, annotations=annotations, labels=labels, finalizers=(TRACKING,))
        return replace(pod, metadata=metadata, spec=_numbered(replace(pod.spec, hostname=f"{job.name}-{index}")))

    def _note_suspension(self) -> None:
        known = next((item for item in self.status.conditions if item.type == "Suspended"), None)
        if self.job.spec.suspend:
            new = self._condition("Suspended", "JobSuspended", "Job suspended")
        elif known is None:
            return
        else:
            new = self._condition("Suspended", "JobResumed", "Job resumed", "False")
        if known is not None and (known.status, known.reason) == (new.status, new.reason):
            return
        others = tuple(item for item in self.status.conditions if item.type != "Suspended")
        since = None if self.job.spec.suspend else self.now
        self.status = replace(self.status, conditions=(*others, new), start_time=since)

    def _record(self, final: Condition | None) -> Iterator[Action]:
        """Counts ended pods, lets go of them, and says how the Job ended once no pod is left that is ending."""
        job = self.job
        self.view.state.remember(_memory(job), self.backoff)
        for pod in self.tracked:
            current = self.view.state.get(Pod, pod.namespace, pod.name)
            if current is None:
                continue
            waits = self.delayed.get(indexes.index_of(pod)) is pod and final is None and not self._is_replaced(pod)
            if not waits and (pod in self.won or pod in self.lost or final is not None):
                yield Update(_untracked(current), "job: counted")
            elif waits:
                self.failed -= indexes.judged(job, pod)[1]
        status = replace(
            self.status,
            active=len(self.active),
            ready=sum(is_pod_ready(pod) for pod in self.active),
            terminating=self.ending,
            succeeded=self.succeeded,
            failed=self.failed,
            uncounted_terminated_pods=Uncounted(),
        )
        if self.indexed:
            per_index = job.spec.backoff_limit_per_index is not None
            status = replace(
                status,
                completed_indexes=indexes.compressed(self.done),
                failed_indexes=indexes.compressed(self.broken) if per_index else None,
            )
        if final is not None:
            status = _concluded(status, final, self.now)
        yield Update(replace(job, status=status), "job: status")
        limit, since = job.spec.active_deadline_seconds, status.start_time
        if final is None and limit is not None and since is not None and not job.spec.suspend:
            yield Wait(job.ref, max((after(since, limit) - self.now).total_seconds(), 0.0))

    def _is_replaced(self, pod: Pod) -> bool:
        return indexes.index_of(pod) in {indexes.index_of(each) for each in self.active}


def _concluded(status: JobStatus, final: Condition, now: datetime) -> JobStatus:
    if not any(item.type == final.type for item in status.conditions):
        status = replace(status, conditions=(*status.conditions, final))
    if status.terminating:
        return status
    kind = "Complete" if final.type == "SuccessCriteriaMet" else "Failed"
    ended = replace(final, type=kind, last_transition_time=now)
    completion = now if kind == "Complete" else status.completion_time
    return replace(status, conditions=(*status.conditions, ended), completion_time=completion)


def _untracked(pod: Pod) -> Pod:
    kept = tuple(item for item in pod.metadata.finalizers if item != TRACKING)
    return replace(pod, metadata=replace(pod.metadata, finalizers=kept))


def _numbered(spec: PodSpec) -> PodSpec:
    """JOB_COMPLETION_INDEX in every container."""
    source = EnvVarSource(field_ref=KeySelector(field_path=f"metadata.labels['{indexes.INDEX}']"))
    new = EnvVar(name="JOB_COMPLETION_INDEX", value_from=source)
    mains, inits = (
        tuple(
            item if any(env.name == new.name for env in item.env) else replace(item, env=(*item.env, new))
            for item in group
        )
        for group in (spec.containers, spec.init_containers)
    )
    return replace(spec, containers=mains, init_containers=inits)


def finished(pod: Pod) -> datetime:
    """`getFinishedTime`."""
    times = [item.state.terminated.finished_at for item in pod.status.container_statuses if item.state.terminated]
    if times and len(times) == len(pod.status.container_statuses) and all(times):
        return max(time for time in times if time is not None)
    unready = next((item for item in pod.status.conditions if item.type == "Ready" and item.status == "False"), None)
    found = (unready.last_transition_time if unready else None) or asked_at(pod.metadata)
    return found or pod.metadata.creation_timestamp or NEVER


def _left(now: datetime, failures: int, last: datetime | None) -> float:
    if not failures or last is None:
        return 0.0
    pause = min(_PAUSE * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)
    return max(pause - (now - last).total_seconds(), 0.0)
