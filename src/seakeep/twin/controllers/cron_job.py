"""CronJobs: a Job at each of their times. Source: pkg/controller/cronjob."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from datetime import datetime

from msgspec.structs import replace

from seakeep.model.objects import CronJob, Job, KubeObject, Metadata
from seakeep.model.objects.workloads import ActiveJob, CronJobStatus
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.controllers.job_verdict import is_finished, met
from seakeep.twin.controllers.pods import owned_by, reference
from seakeep.twin.controllers.schedule import Schedule, ScheduleError, parse
from seakeep.twin.moments import EARLIEST, after
from seakeep.twin.state import State, controller_of

_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
# successfulJobsHistoryLimit and failedJobsHistoryLimit where they are not given.
_GOOD, _BAD = 3, 1


class CronJobs:
    name = "cronjob"
    watches = frozenset({"CronJob", "Job"})
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        del state
        if isinstance(item, CronJob):
            yield item.ref
        elif isinstance(item, Job):
            owner = controller_of(item)
            if owner is not None and owner.kind == "CronJob":
                yield owner

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(CronJob, ref.namespace, ref.name)
        if item is None:
            return
        known = _known_since(view, item)
        jobs = [job for job in view.state.within(Job, item.namespace) if owned_by(item, job)]
        yield from _cleaned(item, jobs)
        # Of those that have just been deleted as well: the controller reads the list once (sync in cronjob_controllerv2.go).
        status = _counted(item.status, jobs)
        if item.metadata.deletion_timestamp is None and not item.spec.suspend:
            try:
                schedule = parse(item.spec.schedule, item.spec.time_zone or "")
            except ScheduleError:
                schedule = None  # nothing is done until the schedule is mended
            if schedule is not None:
                status = yield from _started(view, item, status, schedule, known)
        yield Update(replace(item, status=status), "cronjob: status")


def _known_since(view: View, item: CronJob) -> datetime:
    """When it was made; where the source does not say, when it was looked at first: no time before that is made up for, and none after it is lost."""
    made = item.metadata.creation_timestamp
    if made is not None:
        return made
    key = ("cronjob", item.ref, item.metadata.uid)
    seen = view.state.note(key)
    if isinstance(seen, datetime):
        return seen
    view.state.remember(key, view.now)
    return view.now


def _cleaned(item: CronJob, jobs: list[Job]) -> Iterable[Action]:
    """Deletes the oldest of too many finished Jobs."""
    limits = (
        ("Complete", item.spec.successful_jobs_history_limit, _GOOD),
        ("Failed", item.spec.failed_jobs_history_limit, _BAD),
    )
    for kind, limit, usual in limits:
        ended = [job for job in jobs if met(job, kind) is not None]
        ended.sort(key=lambda job: (job.status.start_time is None, job.status.start_time or EARLIEST, job.name))
        surplus = len(ended) - (usual if limit is None else limit)
        for job in ended[: max(surplus, 0)]:
            yield Delete(job.ref, f"cronjob: history limit of {kind.lower()} jobs")


def _counted(status: CronJobStatus, jobs: list[Job]) -> CronJobStatus:
    running = {job.metadata.uid for job in jobs if not is_finished(job)}
    active = tuple(each for each in status.active if each.uid in running)
    times = [job.status.completion_time for job in jobs if met(job, "Complete") and job.status.completion_time]
    latest = max([*times, *([status.last_successful_time] if status.last_successful_time else [])], default=None)
    return replace(status, active=active, last_successful_time=latest)


def _started(
    view: View, item: CronJob, status: CronJobStatus, schedule: Schedule, known: datetime
) -> Generator[Action, None, CronJobStatus]:
    """Makes the Job of the latest time that has passed, where it is still to be made; gives the status."""
    since = status.last_schedule_time or known
    following = schedule.next(view.now)
    if following is not None:
        yield Wait(item.ref, (following - view.now).total_seconds(), idle=True)
    deadline = item.spec.starting_deadline_seconds
    earliest = since if deadline is None else max(since, after(view.now, -deadline))
    due = schedule.last(earliest, view.now)
    if due is None or due == status.last_schedule_time:
        return status
    if deadline is not None and after(due, deadline) < view.now:
        return status
    job = _job(item, due, schedule)
    if any(each.name == job.name for each in status.active):
        return status
    if item.spec.concurrency_policy == "Forbid" and status.active:
        return status
    if item.spec.concurrency_policy == "Replace":
        for each in status.active:
            yield Delete(Ref("Job", item.namespace, each.name), "cronjob: concurrencyPolicy Replace")
        status = replace(status, active=())
    if view.state.find(job.ref) is None:
        yield Create(job, f"cronjob: {item.spec.schedule}")
    made = view.state.get(Job, job.namespace, job.name)
    if made is None or not owned_by(item, made):
        return status
    active = (*status.active, ActiveJob(name=made.name, uid=made.metadata.uid))
    return replace(status, active=active, last_schedule_time=due)


def _job(item: CronJob, due: datetime, schedule: Schedule) -> Job:
    template = item.spec.job_template
    stamp = due.astimezone(schedule.zone).isoformat().replace("+00:00", "Z")
    metadata = Metadata(
        name=f"{item.name}-{int(due.timestamp()) // 60}",
        namespace=item.namespace,
        labels=template.metadata.labels,
        annotations={**template.metadata.annotations, _SCHEDULED: stamp},
        owner_references=(reference(item),),
    )
    return Job(api_version="batch/v1", metadata=metadata, spec=template.spec)
