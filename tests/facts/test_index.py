"""When a snapshot was taken, where its source does not say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seakeep.adapters.assemble import Assembly
from seakeep.facts.index import Index
from seakeep.model.snapshot import Depth


def _now(*beats: tuple[str, str]) -> datetime:
    """Of a cluster whose nodes have these readiness and heartbeats."""
    assembly = Assembly("test")
    for number, (ready, beat) in enumerate(beats):
        ready_now = {"type": "Ready", "status": ready, "lastHeartbeatTime": f"2026-05-04T{beat}:00Z"}
        node = {"kind": "Node", "metadata": {"name": f"n-{number}"}, "status": {"conditions": [ready_now]}}
        assembly.add_raw(node, Depth.FULL)
    return Index(assembly.snapshot()).now


@pytest.mark.parametrize(
    ("beats", "hour", "minute"),
    [
        ([("True", "12:00"), ("True", "12:03"), ("True", "12:31")], 12, 3),
        ([("True", "12:00"), ("True", "12:03"), ("True", "12:08")], 12, 8),
        ([("Unknown", "10:00"), ("Unknown", "10:00"), ("True", "12:31")], 12, 31),
        ([("True", "12:00"), ("True", "12:31")], 12, 31),
    ],
)
def test_a_clock_that_runs_ahead_says_nothing(beats: list[tuple[str, str]], hour: int, minute: int) -> None:
    assert _now(*beats) == datetime(2026, 5, 4, hour, minute, tzinfo=UTC)
