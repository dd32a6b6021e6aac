"""A CronJob no longer starts its runs.

What: its time has come again and again and no Job is made. The controller says why: TooManyMissedTimes, UnknownTimeZone, an unparseable schedule, or JobAlreadyActive while one run does not end.

Why: a time zone or schedule that does not exist, a controller that was away for more than a hundred runs, or a run that hangs under concurrencyPolicy Forbid.

Bad:
    timeZone: Europe/Berln

Good:
    timeZone: Europe/Berlin, startingDeadlineSeconds: 3600, activeDeadlineSeconds for its Jobs

Ignore when: the run that is active is meant to take that long.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import CronJob, Event, Job

# pkg/controller/cronjob: what it says when it cannot start a run. It looks at each CronJob anew within minutes.
_REPAIRS = {
    "UnknownTimeZone": "Correct spec.timeZone to a name of the time zone database.",
    "UnparseableSchedule": "Correct spec.schedule.",
    "UnParseableCronJobSchedule": "Correct spec.schedule.",
    "InvalidSchedule": "Correct spec.schedule.",
    "TooManyMissedTimes": "Set spec.startingDeadlineSeconds, so that the controller counts missed runs since then only, and see that clocks agree.",
}
_SAID_WITHIN = timedelta(hours=1)
# A run that keeps the next ones away for so long hangs rather than works.
_HANGS_AFTER = timedelta(hours=6)


def find(index: Index) -> Iterable[Candidate]:
    for cron in index.snapshot.all(CronJob):
        if cron.spec.suspend:
            continue
        for event in index.events_about(cron.ref):
            if not is_recent(index, event.last_seen, _SAID_WITHIN) or _ran_since(cron, event):
                continue
            if event.reason in _REPAIRS:
                yield Candidate(
                    id="cron-job-not-run",
                    object=cron.ref,
                    summary=f"CronJob {cron.name} starts no runs: {event.text[:200]}",
                    evidence=(event_evidence(index, event, current=True),),
                    repair=Repair(f"CronJob {cron.name}: {_REPAIRS[event.reason]}"),
                    confidence=PROVEN,
                )
                break
            if event.reason == "JobAlreadyActive" and (job := _hanging(index, cron)):
                yield _held_up(index, cron, event, job)
                break


def _ran_since(cron: CronJob, event: Event) -> bool:
    last = cron.status.last_schedule_time
    return last is not None and event.last_seen is not None and last > event.last_seen


def _hanging(index: Index, cron: CronJob) -> Job | None:
    for active in cron.status.active:
        job = index.snapshot.get(Job, cron.namespace, active.name)
        begun = job.status.start_time or job.metadata.creation_timestamp if job else None
        if job and begun and index.now - begun > _HANGS_AFTER:
            return job
    return None


def _held_up(index: Index, cron: CronJob, event: Event, job: Job) -> Candidate:
    begun = job.status.start_time or job.metadata.creation_timestamp
    return Candidate(
        id="cron-job-not-run",
        object=cron.ref,
        summary=f"CronJob {cron.name} starts no runs: Job {job.name} has not ended since {begun:%Y-%m-%d %H:%M}",
        evidence=(
            event_evidence(index, event, current=True),
            state_evidence(job, "status.startTime", f"{begun:%Y-%m-%d %H:%M}", begun),
            state_evidence(cron, "spec.concurrencyPolicy", cron.spec.concurrency_policy),
        ),
        affects=(job.ref,),
        repair=Repair(
            f"See what Job {job.name} hangs on and delete it; give the template of CronJob {cron.name} an activeDeadlineSeconds."
        ),
        confidence=LIKELY,
    )


CAUSE = CauseLeaf(
    id="cron-job-not-run",
    title="CronJob starts no runs",
    reads=(CronJob,),
    find=find,
    severity=Severity.WARNING,
)
