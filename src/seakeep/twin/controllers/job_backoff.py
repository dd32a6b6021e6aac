"""How long a Job's failed pods wait for their replacement: 10 s, twice as long for each failure more. Source: pkg/controller/job/backoff_utils.go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Job, Pod
from seakeep.model.refs import Ref
from seakeep.twin.ending import asked_at
from seakeep.twin.moments import EARLIEST
from seakeep.twin.state import State

# DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff.
_PAUSE, _LONGEST_PAUSE = 10.0, 600.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Failures since the last success, and when the last one was."""

    failures: int = 0
    last: datetime | None = None

    def after(self, won: Iterable[Pod], lost: Iterable[Pod]) -> Backoff:
        wins, losses = [finished(pod) for pod in won], [finished(pod) for pod in lost]
        if not wins:
            return Backoff(self.failures + len(losses), max(losses)) if losses else self
        later = [time for time in losses if time > max(wins)]
        return Backoff(len(later), max(later, default=None))

    def remember(self, state: State, job: Job) -> None:
        state.remember(_memory(job), self)


def backoff_of(state: State, job: Job, tracked: Sequence[Pod]) -> Backoff:
    """`newBackoffRecord`. What the controller has in memory is, at the first look, what the pods show that are still there."""
    known = state.note(_memory(job))
    if isinstance(known, Backoff):
        return known
    counted = [pod for pod in state.pods_of(job.ref) if is_ended(pod) and pod not in tracked]
    won = [pod for pod in counted if pod.status.phase == "Succeeded"]
    return Backoff().after(won, [pod for pod in counted if pod.status.phase != "Succeeded"])


def _memory(job: Job) -> tuple[str, Ref, str]:
    return "job backoff", job.ref, job.metadata.uid


def left(now: datetime, failures: int, last: datetime | None) -> float:
    """Seconds of the pause that are still to come."""
    if not failures or last is None:
        return 0.0
    pause = min(_PAUSE * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)
    return max(pause - (now - last).total_seconds(), 0.0)


def finished(pod: Pod) -> datetime:
    """`getFinishedTime`."""
    times = [item.state.terminated.finished_at for item in pod.status.container_statuses if item.state.terminated]
    if times and len(times) == len(pod.status.container_statuses) and all(times):
        return max(time for time in times if time is not None)
    unready = next((item for item in pod.status.conditions if item.type == "Ready" and item.status == "False"), None)
    found = (unready.last_transition_time if unready else None) or asked_at(pod.metadata)
    return found or pod.metadata.creation_timestamp or EARLIEST
