"""A run: one execution of a plan, as its journal tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from seakeep.model.plan import Plan


class RunState(StrEnum):
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"  # between two waves, by wish
    DONE = "done"
    REFUSED = "refused"  # before anything was written
    STOPPED = "stopped"  # could not go on and could not go back: to be resumed
    ROLLING_BACK = "rolling-back"
    ROLLED_BACK = "rolled-back"
    FAILED = "failed"  # ended, and not rolled back, by wish or because somebody changed the same fields since


ENDS = frozenset({RunState.DONE, RunState.REFUSED, RunState.ROLLED_BACK})


class Entry(Struct, frozen=True):
    """One line of the journal.

    `begun` and `checked` come before anything is written; `announced` stands before each write is sent, `outcome` after; `wave` and `approved` are about a wave (its
    number); `state` is the run's. What each needs besides is in `data`.
    """

    kind: str
    change: str = ""
    wave: str = ""
    state: str = ""
    message: str = ""
    data: Mapping[str, Any] = {}


class Recorded(Struct, frozen=True):
    """An entry as it stands in the journal: `hash` is over all of it and the hash of the run's entry before."""

    run: str
    number: int
    at: datetime
    entry: Entry
    hash: str


class Step(Struct, frozen=True):
    """What became of one change: `announced`, `applied`, `unchanged`, `failed`, `undone`, or `waiting` where it was not begun."""

    change: str
    wave: str
    state: str
    at: datetime | None
    message: str = ""


class Run(Struct, frozen=True):
    """A run as the journal tells it; `before` and `after` are scores."""

    id: str
    plan: Plan
    cluster: str
    state: RunState
    message: str
    begun_at: datetime | None
    ended_at: datetime | None
    steps: tuple[Step, ...]
    before: Mapping[str, float | None] = {}
    after: Mapping[str, float | None] = {}
    notes: tuple[str, ...] = ()
