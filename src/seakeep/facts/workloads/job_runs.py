"""When the runs of CronJobs began and ended, as far as their Jobs are still there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import controller_of
from seakeep.model.objects import CronJob, Job, Pod
from seakeep.model.refs import Ref


class Run(Struct, frozen=True):
    """`end` is None while the run is under way."""

    job: str
    start: datetime
    end: datetime | None

    @property
    def took(self) -> timedelta | None:
        return self.end - self.start if self.end else None


@once
def runs(index: Index) -> Mapping[Ref, tuple[Run, ...]]:
    """CronJob → its runs, in the order in which they began."""
    found: dict[Ref, list[Run]] = {}
    for job in index.jobs:
        owner = controller_of(job)
        if owner is None or owner.kind != "CronJob" or job.status.start_time is None:
            continue
        found.setdefault(owner, []).append(Run(job.name, job.status.start_time, ended(job)))
    return {ref: tuple(sorted(items, key=lambda run: (run.start, run.job))) for ref, items in found.items()}


def is_complete(job: Job) -> bool:
    return any(item.type == "Complete" and item.status == "True" for item in job.status.conditions)


def ended(job: Job) -> datetime | None:
    """When it was done or given up; the API server sets no completionTime on a Job that failed."""
    times = (
        item.last_transition_time
        for item in job.status.conditions
        if item.type in {"Complete", "Failed"} and item.status == "True"
    )
    return job.status.completion_time or next((time for time in times if time), None)


def superseded(index: Index, job: Job) -> bool:
    """A later run of the same CronJob went well: what failed is history."""
    owner, end = controller_of(job), ended(job)
    cron = index.snapshot.find(owner) if owner else None
    if owner is None or owner.kind != "CronJob" or end is None:
        return False
    well = cron.status.last_successful_time if isinstance(cron, CronJob) else None
    later = (item for item in index.jobs if controller_of(item) == owner and is_complete(item))
    return (well is not None and well > end) or any((done := ended(item)) and done > end for item in later)


def is_outlived(index: Index, pod: Pod) -> bool:
    """Whether what made the pod has come to a good end without it: nobody misses an executor of a Spark driver that succeeded, or the first try of a Job that is complete."""
    owner = controller_of(pod)
    maker = index.snapshot.find(owner) if owner else None
    if isinstance(maker, Pod):
        return maker.status.phase == "Succeeded"
    return isinstance(maker, Job) and is_complete(maker)


def overlap(known: tuple[Run, ...]) -> tuple[Run, Run] | None:
    """The first run that began before an earlier one had ended, after that one."""
    return next((pair for pair in pairwise(known) if pair[0].end is None or pair[1].start < pair[0].end), None)
