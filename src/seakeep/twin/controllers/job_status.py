"""What a Job's status says, and that it is over. Source: pkg/controller/job (trackJobStatusAndRemoveFinalizers, enactJobFinished)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from seakeep.model.objects import Condition, Pod
from seakeep.model.objects.workloads import JobStatus, Uncounted
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.controllers import job_indexes as indexes
from seakeep.twin.controllers.job_pods import untracked
from seakeep.twin.controllers.job_tally import Tally
from seakeep.twin.controllers.pods import is_pod_ready
from seakeep.twin.moments import after


def note_suspension(tally: Tally) -> None:
    suspended = tally.job.spec.suspend
    known = next((item for item in tally.status.conditions if item.type == "Suspended"), None)
    if suspended:
        new = tally.condition("Suspended", "JobSuspended", "Job suspended")
    elif known is None:
        return
    else:
        new = tally.condition("Suspended", "JobResumed", "Job resumed", "False")
    if known is not None and (known.status, known.reason) == (new.status, new.reason):
        return
    others = tuple(item for item in tally.status.conditions if item.type != "Suspended")
    since = None if suspended else tally.now
    tally.status = replace(tally.status, conditions=(*others, new), start_time=since)


def record(tally: Tally, final: Condition | None) -> Iterator[Action]:
    """Counts ended pods, lets go of them, and says how the Job ended once no pod is left that is ending."""
    tally.backoff.remember(tally.view.state, tally.job)
    yield from _let_go(tally, final)
    status = _status(tally)
    if final is not None:
        status = _concluded(status, final, tally.now)
    yield Update(replace(tally.job, status=status), "job: status")
    limit, since = tally.job.spec.active_deadline_seconds, status.start_time
    if final is None and limit is not None and since is not None and not tally.job.spec.suspend:
        yield Wait(tally.job.ref, max((after(since, limit) - tally.now).total_seconds(), 0.0))


def _let_go(tally: Tally, final: Condition | None) -> Iterator[Action]:
    """A failed pod whose replacement waits is kept, and not counted yet."""
    replaced = {indexes.index_of(pod) for pod in tally.active}
    for pod in tally.tracked:
        current = tally.view.state.get(Pod, pod.namespace, pod.name)
        if current is None:
            continue
        index = indexes.index_of(pod)
        if final is None and tally.delayed.get(index) is pod and index not in replaced:
            tally.failed -= tally.counting([pod])
        elif pod in tally.won or pod in tally.lost or final is not None:
            yield Update(untracked(current), "job: counted")


def _status(tally: Tally) -> JobStatus:
    status = replace(
        tally.status,
        active=len(tally.active),
        ready=sum(is_pod_ready(pod) for pod in tally.active),
        terminating=tally.ending,
        succeeded=tally.succeeded,
        failed=tally.failed,
        uncounted_terminated_pods=Uncounted(),
    )
    if not tally.indexed:
        return status
    per_index = tally.job.spec.backoff_limit_per_index is not None
    return replace(
        status,
        completed_indexes=indexes.compressed(tally.done),
        failed_indexes=indexes.compressed(tally.broken) if per_index else None,
    )


def _concluded(status: JobStatus, final: Condition, now: datetime) -> JobStatus:
    if not any(item.type == final.type for item in status.conditions):
        status = replace(status, conditions=(*status.conditions, final))
    if status.terminating:
        return status
    kind = "Complete" if final.type == "SuccessCriteriaMet" else "Failed"
    ended = replace(final, type=kind, last_transition_time=now)
    completion = now if kind == "Complete" else status.completion_time
    return replace(status, conditions=(*status.conditions, ended), completion_time=completion)
