"""Old events and current state: what still holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.objects import Event, KubeObject

# The API server keeps events for one hour by default (--event-ttl); kubelet and controllers repeat a persisting one at least every 6 minutes or so
# (image back-off is capped at 5 minutes, crash-loop back-off likewise), so one that was not repeated for 15 minutes has probably healed.
STALE_AFTER = timedelta(minutes=15)


def is_recent(index: Index, time: datetime | None, within: timedelta = STALE_AFTER) -> bool:
    """An unknown time counts as recent: a transcript may show none."""
    return time is None or index.now - time <= within


def time_in(field: object) -> datetime | None:
    """A time as a custom resource's field has it; None where it is none."""
    try:
        found = datetime.fromisoformat(str(field))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def event_evidence(index: Index, event: Event, *, current: bool | None = None) -> Evidence:
    """Evidence from an event; `current` where the caller has checked it against the object's state."""
    fresh = is_recent(index, event.last_seen) if current is None else current
    return Evidence(event.about, "event", f"{event.reason}: {event.text}".strip(), event.last_seen, fresh)


def state_evidence(item: KubeObject, path: str, value: object, time: datetime | None = None) -> Evidence:
    """Evidence from an object's own fields, which are current by definition."""
    return Evidence(item.ref, path, str(value), time, True)
