"""CronJobs: times, zones, concurrency, history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.model.objects import CronJob, Job
from seakeep.twin.controllers.schedule import ScheduleError, parse
from tests.twin.builders import Object, node
from tests.twin.workload_worlds import get, job, world

NODES = [node("a", cpu="16")]


def cron(schedule: str, **spec: Any) -> Object:
    template = {"spec": job()["spec"]}
    metadata = {"name": "nightly", "namespace": "shop", "uid": "cron", "creationTimestamp": "2026-03-02T08:00:00Z"}
    wanted = {"schedule": schedule, "jobTemplate": template, **spec}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": wanted}


@pytest.mark.parametrize(
    ("text", "zone", "following"),
    [
        ("*/15 * * * *", "", "2026-03-02T08:15:00+00:00"),
        ("0 3 * * *", "Europe/Berlin", "2026-03-03T02:00:00+00:00"),
        ("0 12 1 * *", "", "2026-04-01T12:00:00+00:00"),
        ("0 12 13 * fri", "", "2026-03-06T12:00:00+00:00"),
        ("@weekly", "", "2026-03-08T00:00:00+00:00"),
        ("5/20 8-9 * jan-mar 1-5", "", "2026-03-02T08:05:00+00:00"),
        ("30 2 29 3 *", "Europe/Berlin", "2027-03-29T00:30:00+00:00"),  # in 2026, the clock jumps over 2:30
    ],
)
def test_the_next_time(text: str, zone: str, following: str) -> None:
    found = parse(text, zone).next(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    assert found is not None
    assert found.isoformat() == following


@pytest.mark.parametrize("text", ["* * * *", "61 * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *"])
def test_no_schedule(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse(text)


def test_a_time_that_never_comes() -> None:
    assert parse("0 0 30 2 *").next(datetime(2026, 3, 2, tzinfo=UTC)) is None


def jobs(twin: Any) -> list[str]:
    return [item.name for item in twin.state.all(Job)]


def test_jobs_at_their_times_and_only_so_many_kept() -> None:
    twin = world([*NODES, cron("*/10 * * * *", successfulJobsHistoryLimit=2)])
    twin.settle(within=55 * 60)
    first = int(datetime(2026, 3, 2, 8, 0, tzinfo=UTC).timestamp()) // 60
    assert jobs(twin) == [f"nightly-{first + 40}", f"nightly-{first + 50}"]
    status = get(twin, CronJob, "nightly").status
    assert (status.active, status.last_schedule_time) == ((), datetime(2026, 3, 2, 8, 50, tzinfo=UTC))


@pytest.mark.parametrize(("policy", "running"), [("Forbid", 1), ("Allow", 3), ("Replace", 1)])
def test_concurrency(policy: str, running: int) -> None:
    endless = cron("*/10 * * * *", concurrencyPolicy=policy)
    twin = world([*NODES, endless])
    twin.settings = type(twin.settings)(pod_start=1.0, job_run=1e6)
    twin.settle(within=35 * 60)
    assert len(jobs(twin)) == running


def test_suspended_or_too_late_it_starts_none() -> None:
    twin = world([*NODES, cron("*/10 * * * *", suspend=True)])
    twin.settle(within=3600)
    assert jobs(twin) == []
    old = cron("0 7 * * *", startingDeadlineSeconds=60)
    old["status"] = {"lastScheduleTime": "2026-03-01T07:00:00Z"}
    late = world([*NODES, old])
    late.settle(within=60)
    assert jobs(late) == []


def trimmed(**spec: Any) -> Object:
    """Of a source that says neither when it was made nor when a Job was started last."""
    found = cron("*/10 * * * *", **spec)
    del found["metadata"]["creationTimestamp"]
    return found


def test_of_no_known_age_it_counts_from_when_it_was_seen_first() -> None:
    twin = world([*NODES, trimmed()])
    twin.settle(within=9 * 60)
    assert jobs(twin) == []
    later = twin.branch()
    later.settle(within=2 * 60)
    first = int(datetime(2026, 3, 2, 8, 0, tzinfo=UTC).timestamp()) // 60
    assert jobs(later) == [f"nightly-{first + 10}"]
    assert get(later, CronJob, "nightly").status.last_schedule_time == datetime(2026, 3, 2, 8, 10, tzinfo=UTC)


def test_of_no_known_age_it_starts_what_was_due_while_it_was_suspended() -> None:
    twin = world([*NODES, trimmed(suspend=True)])
    twin.settle(within=25 * 60)
    assert jobs(twin) == []
    item = get(twin, CronJob, "nightly")
    twin.update(replace(item, spec=replace(item.spec, suspend=False)))
    twin.settle(within=60)
    first = int(datetime(2026, 3, 2, 8, 0, tzinfo=UTC).timestamp()) // 60
    assert jobs(twin) == [f"nightly-{first + 20}"]


def test_a_run_without_limit_does_not_wait_for_the_next_time() -> None:
    twin = world([*NODES, cron("*/10 * * * *")])
    assert twin.settle() is None
    assert twin.elapsed == 0
