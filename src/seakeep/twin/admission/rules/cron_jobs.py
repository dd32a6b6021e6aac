"""CronJobs. Source: pkg/apis/batch/validation (validateCronJobSpec)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.model.objects import CronJob
from seakeep.twin.admission.rules.cron_schedules import fault
from seakeep.twin.admission.rules.words import below_zero, invalid, required, unsupported

_LONGEST_NAME = 52
_POLICIES = ("Allow", "Forbid", "Replace")
_PART = r"[A-Za-z.\-_0-9+]{1,14}"
_EXPLICIT = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"


def before_template(item: CronJob, old: CronJob | None) -> Iterator[str]:
    spec = item.spec
    if spec.schedule:
        yield from _schedule(item, old)
    yield from below_zero("spec.startingDeadlineSeconds", spec.starting_deadline_seconds)
    if spec.time_zone is not None and (old is None or old.spec.time_zone != spec.time_zone):
        yield from _zone(spec.time_zone)
    if not spec.concurrency_policy:
        yield required("spec.concurrencyPolicy")
    elif spec.concurrency_policy not in _POLICIES:
        yield unsupported("spec.concurrencyPolicy", spec.concurrency_policy, _POLICIES)


def after_template(item: CronJob, *, made: bool) -> Iterator[str]:
    spec = item.spec
    if spec.job_template.spec.selector is not None:
        yield invalid(
            "spec.jobTemplate.spec.selector", spec.job_template.spec.selector, "`selector` will be auto-generated"
        )
    yield from below_zero("spec.successfulJobsHistoryLimit", spec.successful_jobs_history_limit)
    yield from below_zero("spec.failedJobsHistoryLimit", spec.failed_jobs_history_limit)
    if made and len(item.name) > _LONGEST_NAME:
        yield invalid("metadata.name", item.name, f"must be no more than {_LONGEST_NAME} characters")
    if not spec.schedule:
        yield required("spec.schedule")


def _schedule(item: CronJob, old: CronJob | None) -> Iterator[str]:
    """One with a zone of its own is a relic."""
    text = item.spec.schedule
    if why := fault(text):
        yield invalid("spec.schedule", text, why)
    if "TZ" not in text:
        return
    if old is None or "TZ" not in old.spec.schedule:
        yield invalid("spec.schedule", text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    elif item.spec.time_zone is not None:
        yield invalid("spec.schedule", text, "cannot use both timeZone field and TZ or CRON_TZ in schedule")


def _zone(name: str) -> Iterator[str]:
    path = "spec.timeZone"
    if not name:
        yield invalid(path, name, "timeZone must be nil or non-empty string")
        return
    for part in name.split("/"):
        if part in {".", ".."} or part.startswith("-") or not re.fullmatch(_PART, part):
            yield invalid(path, name, f"unknown time zone {name}")
            return
    if name.lower() == "local":
        yield invalid(path, name, _EXPLICIT)
    if name not in {"Local", "UTC"} and not _is_known(name):
        yield invalid(path, name, f"unknown time zone {name}")


def _is_known(name: str) -> bool:
    # Imported where it is needed, for the time zones that come with it.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
