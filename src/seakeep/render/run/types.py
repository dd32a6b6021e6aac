"""`kind: Run` of the JSON contract."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from seakeep.render.report.types import Version, Wire

RunStates = Literal[
    "preparing", "running", "paused", "done", "refused", "stopped", "rolling-back", "rolled-back", "failed"
]
StepStates = Literal["waiting", "announced", "applied", "undone", "failed"]


class RunStep(Wire):
    """One change of the plan; `announced` is in the journal before it is sent, and stays so only where the run was cut off there."""

    change: str
    wave: str
    state: StepStates
    at: datetime | None
    error: str | None


class RunScores(Wire):
    """Null where a score could not be told."""

    health: float | None
    running: float | None
    hardening: float | None


class Run(Wire, tag_field="kind", tag="Run"):
    """One execution of a plan."""

    id: str
    plan: str
    cluster: str | None
    state: RunStates
    message: str | None
    begun_at: datetime | None
    ended_at: datetime | None
    steps: list[RunStep]
    before: RunScores
    after: RunScores
    notes: list[str]
    api_version: Version = "seakeep/v1"


class Difference(Wire):
    """A field that is not as the run wrote it, or an object that is not well; `manager` owns the field now."""

    change: str
    path: str | None
    message: str


class RunVerification(Wire, tag_field="kind", tag="RunVerification"):
    """Whether the cluster still is as a run left it."""

    run: str
    plan: str
    state: RunStates
    objects: int
    differences: list[Difference]
    api_version: Version = "seakeep/v1"


DOCUMENTS = (Run, RunVerification)
