"""Where the clock of a twin starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from seakeep.model.objects import Condition, ContainerStatus, Event, KubeObject, Pod
from seakeep.model.snapshot import Snapshot

# Of a snapshot that shows no time at all.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
# A clock that starts later has no room ahead.
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


def taken(snapshot: Snapshot) -> datetime:
    """When the snapshot was taken; where the source does not say, the latest time that any object or event carries: nothing in it may be of the future. A time at the calendar's end is none."""
    if snapshot.taken_at is not None:
        return min(snapshot.taken_at, _LAST)
    items = chain.from_iterable(group.values() for group in snapshot.objects.values())
    times = (time for item in items for time in _times(item) if time is not None and time < _LAST)
    return max(times, default=_NO_TIME)


def _times(item: KubeObject) -> Iterator[datetime | None]:
    """Of what has happened to it. When it is to end is not among them: that may well be later."""
    yield item.metadata.creation_timestamp
    if isinstance(item, Event):
        yield item.last_seen
    conditions: tuple[Condition, ...] = getattr(getattr(item, "status", None), "conditions", ())
    for condition in conditions if isinstance(conditions, tuple) else ():
        yield condition.last_transition_time
        yield condition.last_heartbeat_time
        yield condition.last_update_time
    if isinstance(item, Pod):
        yield item.status.start_time
        for status in (*item.status.init_container_statuses, *item.status.container_statuses):
            yield from _of_container(status)


def _of_container(status: ContainerStatus) -> Iterator[datetime | None]:
    for state in (status.state, status.last_state):
        if state.running is not None:
            yield state.running.started_at
        if state.terminated is not None:
            yield state.terminated.started_at
            yield state.terminated.finished_at
