"""Times on the twin's clock. What lies beyond the calendar happens at its end: a field may hold any number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def after(moment: datetime, seconds: float) -> datetime:
    """`seconds` may be negative."""
    try:
        return moment + _seconds(seconds)
    except OverflowError:
        return LATEST if seconds > 0 else EARLIEST


@lru_cache(maxsize=4096)
def _seconds(number: float) -> timedelta:
    """Kept, since few periods are asked for again and again."""
    return timedelta(seconds=number)
