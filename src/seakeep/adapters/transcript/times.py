"""Ages and dates as kubectl prints them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from seakeep.model.pattern import late

_AGE = late(r"(\d+)(y|d|h|m|s)(?!s)")
_DATE = late(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}")
# With quotes of either kind, escaped where JSON was put into JSON.
_ISO = late(
    r"(?:creationTimestamp|lastTransitionTime|lastTimestamp|startTime|startedAt|lastHeartbeatTime|renewTime|finishedAt|firstTimestamp|lastProbeTime)\\?\"?:\s*\\?[\"']?(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?Z"
)
_DAY = r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}"
_CLOCK = late(
    r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<day>[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}) (?:UTC|GMT) (?P<year>20\d{2})$",
    re.MULTILINE,
)
_ABOUT_POD = late(
    r"^Name:[ \t]+(?P<name>[a-z0-9][\w.-]*)[ \t]*$|\bdescribe (?:pods?|po)[ /](?P<asked>[a-z0-9][\w.-]*)", re.MULTILINE
)
_START = late(rf"^Start Time:\s+(?P<date>{_DAY})", re.MULTILINE)
_FINISHED = late(rf"^[ \t]+Last State:(?:.*\n){{1,8}}?\s+Finished:\s+(?P<date>{_DAY})", re.MULTILINE)
_MANIFEST = late(
    r"^\S*[$#>] +\S*(?:kubectl|oc|k) +.*\bget +[\w.]+[ /](?P<name>[a-z0-9][\w.-]*)(?= ).* (?:-o|--output)[ =]?(?:yaml|json)\b",
    re.MULTILINE,
)
_MADE = late(r"\bcreationTimestamp[\"']?: *[\"']?(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})Z")
_RUNNING = late(rf"^[ \t]+State:\s+Running\s*\n\s+Started:\s+(?P<date>{_DAY})", re.MULTILINE)
# Pods of which the dates are held against their rows.
_MOST = 20
_SECONDS = {"y": 365 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
# Where a transcript shows ages only, they are laid out backwards from here. The order and the distances are what matters.
FIXED_NOW = datetime(2000, 1, 1, tzinfo=UTC)


def age(text: str) -> timedelta | None:
    """`3d4h` → a timedelta; None for `<unknown>` and the like."""
    found = _AGE.findall(text)
    if not found or text.lstrip().startswith("<"):
        return None
    try:
        return timedelta(seconds=sum(int(amount[:9]) * _SECONDS[unit] for amount, unit in found))
    except OverflowError:
        return None


def ago(now: datetime, text: str) -> str | None:
    """The time that lies so long before now, as the API writes it."""
    span = age(text)
    try:
        return (now - span).isoformat() if span is not None else None
    except OverflowError:
        return None


def date(text: str) -> str | None:
    """`Mon, 14 Oct 2024 08:10:44 +0200` as the API writes it; ISO dates as they are."""
    match = _DATE.search(text)
    if match:
        try:
            return parsedate_to_datetime(match[0]).astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            return None
    return text.strip() if re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", text.strip()) else None


def time_of(text: str) -> datetime | None:
    """When the transcript was taken, as nearly as it tells: no earlier than its latest date, and as long after a pod's start or end as its row in a table says."""
    found = [*(time for time in (_latest(text),) if time), *_clocks(text), *_by_ages(text)]
    return max(found, default=None)


def _clocks(text: str) -> Iterator[datetime]:
    """What `date` printed, where the zone is one that has a single meaning."""
    for match in _CLOCK.finditer(text):
        try:
            yield datetime.strptime(f"{match['day']} {match['year']}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        except ValueError:
            continue


def _by_ages(text: str) -> Iterator[datetime]:
    """A description dates a pod's start, its last restart and since when it runs, a manifest when the object was made; its row tells how long ago that was."""
    for name, body in _bodies(_ABOUT_POD, text):
        row = _row(name, text)
        since = row and (row["restart"] or row["age"])
        for form, span in ((_START, row and row["age"]), (_FINISHED, row and row["restart"]), (_RUNNING, since)):
            dated, passed = form.search(body), age(span or "")
            time = _parsed(dated["date"]) if dated else None
            if time and passed is not None:
                yield time + passed
    for name, body in _bodies(_MANIFEST, text):
        row, made = _row(name, text), _MADE.search(body)
        passed = age(row["age"]) if row else None
        if made and passed is not None:
            yield datetime.fromisoformat(f"{made[1]}+00:00") + passed


def _bodies(form: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    """The names that such lines give, with what follows each."""
    heads = list(form.finditer(text))
    for head, following in zip(heads[:_MOST], [*heads[1:], None], strict=False):
        name = next(group for group in head.groups() if group)
        yield name, text[head.end() : following.start() if following else None][:20_000]


def _row(name: str, text: str) -> re.Match[str] | None:
    return re.search(
        rf"^(?:[\w-]+ +)?(?:[\w.]+/)?{re.escape(name)} +\d+/\d+ +\S+ +\d+(?: \((?P<restart>\w+) ago\))? +(?P<age>\d\w*)(?: |$)",
        text,
        re.MULTILINE,
    )


def _latest(text: str) -> datetime | None:
    """The latest date in describes and manifests: the snapshot cannot be older."""
    found = [parsed for match in _DATE.finditer(text) if (parsed := _parsed(match[0]))]
    found += [datetime.fromisoformat(f"{match[1]}+00:00") for match in _ISO.finditer(text) if match[1] < "2100"]
    return max(found, default=None)


def _parsed(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def fingerprint(values: dict[str, str]) -> int:
    """The same row gives the same number in every run, unlike hash(); it stands in for the name of an event that has none."""
    return zlib.crc32("\0".join(f"{key}={values[key]}" for key in sorted(values)).encode())
