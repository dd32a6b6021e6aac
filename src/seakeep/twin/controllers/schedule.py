"""Cron schedules of five fields, with Kubernetes' names and shorthands (robfig/cron v3, `ParseStandard`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIGITS = 9
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# A schedule that names no day of the next years (30 February) never comes.
_FAR = 5 * 366
# A clock beyond these is a mistake, and calendars end at 9999.
_EPOCH, _LAST_YEAR = datetime(1970, 1, 1, tzinfo=UTC), 9_990


class ScheduleError(ValueError):
    """Not a schedule; the text says which part."""


@dataclass(frozen=True, slots=True)
class Schedule:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool
    zone: tzinfo

    def next(self, after: datetime) -> datetime | None:
        """The first time later than `after`; None where none comes in five years. A wall-clock time that a change to summer time skips does not come."""
        if after.year > _LAST_YEAR:
            return None
        after = max(after, _EPOCH)
        local = after.astimezone(self.zone).replace(second=0, microsecond=0)
        day = local.date()
        for offset in range(_FAR):
            current = day + timedelta(days=offset)
            if current.month not in self.months or not self._falls_on(current.day, current.isoweekday() % 7):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    wall = datetime(current.year, current.month, current.day, hour, minute, tzinfo=self.zone)
                    found = wall.astimezone(UTC)
                    if found > after and found.astimezone(self.zone).hour == hour:
                        return found
        return None

    def _falls_on(self, day: int, weekday: int) -> bool:
        by_day, by_weekday = day in self.days, weekday in self.weekdays
        return by_day and by_weekday if self.any_day or self.any_weekday else by_day or by_weekday

    def last(self, after: datetime, until: datetime) -> datetime | None:
        """The latest time that is later than `after` and not later than `until`."""
        for days in (1 / 24, 1, 32, 400, None):
            start = after if days is None else max(after, until - timedelta(days=days))
            current, found = self.next(start), None
            while current is not None and current <= until:
                found, current = current, self.next(current)
            if found is not None or start == after:
                return found
        return None


def parse(text: str, time_zone: str = "") -> Schedule:
    """Raises ScheduleError."""
    try:
        zone: tzinfo = ZoneInfo(time_zone) if time_zone else UTC
    except (ValueError, OSError, KeyError):
        raise ScheduleError(f"unknown time zone {time_zone}") from None
    fields = _SHORT.get(text.strip(), text).split()
    if len(fields) != 5:
        raise ScheduleError(f"expected exactly 5 fields, found {len(fields)}: {text}")
    minute, hour, day, month, weekday = fields
    return Schedule(
        _field(minute, 0, 59),
        _field(hour, 0, 23),
        _field(day, 1, 31),
        _field(month, 1, 12, _MONTHS, 1),
        frozenset(value % 7 for value in _field(weekday, 0, 7, _DAYS, 0)),
        _is_star(day),
        _is_star(weekday),
        zone,
    )


def _is_star(field: str) -> bool:
    return any(part.startswith(("*", "?")) for part in field.split(","))


def _field(text: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and len(step) <= _DIGITS and int(step)):
            raise ScheduleError(f"failed to parse step in {text}")
        start, dash, end = span.partition("-")
        if start in {"*", "?"}:
            a, b = low, high
        else:
            a = _number(start, names, first)
            b = _number(end, names, first) if dash else (high if slash else a)
        if a < low or b > high or a > b:
            raise ScheduleError(f"{part} is outside of {low} to {high}")
        found.update(range(a, b + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: tuple[str, ...], first: int) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + first
    if not text.isdecimal() or len(text) > _DIGITS:
        raise ScheduleError(f"failed to parse {text}")
    return int(text)
