"""Job failed.

What: a Job has the condition Failed: its pods failed more often than backoffLimit allows, or it ran out of time.

Why: its program fails; the log of its last pod tells why.

Bad:
    BackoffLimitExceeded

Good:
    Complete

Ignore when: the Job is a leftover: delete it, or set ttlSecondsAfterFinished.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.containers.last_words import last_words
from seakeep.facts.containers.logs import hits
from seakeep.facts.freshness import event_evidence
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.facts.workloads.job_runs import superseded
from seakeep.facts.workloads.job_waiters import waiting_for
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Condition, Event, Job

# Reasons of the condition Failed, with which the Job controller leaves its last event.
_LAST_WORDS = (
    "BackoffLimitExceeded",
    "DeadlineExceeded",
    "FailedIndexes",
    "MaxFailedIndexesExceeded",
    "PodFailurePolicy",
)


def find(index: Index) -> Iterable[Candidate]:
    yield from _of_unseen_jobs(index)
    for job in index.jobs:
        failed = next(
            (
                item
                for item in job.status.conditions
                if item.type in {"Failed", "FailureTarget"} and item.status == "True"
            ),
            None,
        )
        told = failed or _gave_up(index, job)
        if told is None or superseded(index, job):
            continue
        pods = index.pods_by_workload.get(job.ref, ())
        lines = [hit.evidence for pod in pods[-2:] for hit in hits(index, pod)[:2]]
        lines = lines or [word for pod in pods[-1:] if (word := last_words(index, pod))]
        yield Candidate(
            id="job-failed",
            object=job.ref,
            summary=f"Job {job.name} failed: {told.reason or 'its pods ended with errors'}"
            + (f"; {lines[0].value[:160]}" if lines else ""),
            evidence=(_evidence(index, job, told), *lines[:3]),
            affects=(*(pod.ref for pod in pods), *(pod.ref for pod in waiting_for(index, job.ref))),
            repair=Repair(
                f"Correct what the log of its last pod names and run Job {job.name} again, or delete it if it is a leftover."
            ),
            confidence=PROVEN,
            settled_by="" if lines else f"kubectl logs job/{named(job)}",
        )


def _gave_up(index: Index, job: Job) -> Event | None:
    """`describe` shows no conditions of a Job: its controller's last word, while nothing of it runs or has succeeded."""
    if job.status.active or job.status.succeeded or job.status.completion_time or job.spec.suspend:
        return None
    return next((event for event in index.events_about(job.ref) if event.reason in _LAST_WORDS), None)


def _evidence(index: Index, job: Job, told: Condition | Event) -> Evidence:
    if isinstance(told, Event):
        return event_evidence(index, told, current=True)
    text = f"{told.reason} {told.message}".strip()[:300]
    return Evidence(job.ref, "status.conditions[Failed]", text, told.last_transition_time)


def _of_unseen_jobs(index: Index) -> Iterable[Candidate]:
    """Jobs that were not looked at: their own last event, or pods of which all that were seen have failed."""
    told = {event.about: event for event in index.events_with(*_LAST_WORDS)}
    failed = {ref: pods for ref, pods in index.pods_by_workload.items() if ref.kind == "Job"}
    for ref in sorted({*told, *failed}):
        if index.snapshot.find(ref) or index.snapshot.is_absent(ref) or ref.kind != "Job":
            continue
        pods = failed.get(ref, ())
        event = told.get(ref)
        if event is None and not (pods and all(pod.status.phase == "Failed" for pod in pods)):
            continue
        first = event_evidence(index, event) if event else Evidence(pods[-1].ref, "status.phase", "Failed")
        lines = [hit.evidence for pod in pods[-2:] for hit in hits(index, pod)[:2]]
        yield Candidate(
            id="job-failed",
            object=ref,
            summary=f"Job {ref.name} failed: {event.reason if event else 'every pod of it that was seen ended with an error'}",
            evidence=(first, *lines[:3]),
            affects=(*(pod.ref for pod in pods), *(pod.ref for pod in waiting_for(index, ref))),
            repair=Repair(f"Correct what the log of its last pod names and run Job {ref.name} again."),
            confidence=LIKELY if event else POSSIBLE,
            settled_by=f"kubectl describe job {named(ref)}",
        )


CAUSE = CauseLeaf(id="job-failed", title="Job failed", reads=(Job,), find=find, generic=True)
