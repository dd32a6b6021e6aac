"""The value behind every output of `seakeep check`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from seakeep.model.cause import Diagnosis
from seakeep.model.finding import Finding
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.score import Scores
from seakeep.model.snapshot import Unread

if TYPE_CHECKING:
    from seakeep.model.survival import Survival


_FINISHED = frozenset({"Completed", "Succeeded"})
_STARTING = frozenset({"Pending", "ContainerCreating", "PodInitializing", "SchedulingGated", "Terminating", "Unknown"})


class PodCell(Struct, frozen=True):
    """One pod in the picture of pods by node; `state` as kubectl's STATUS column words it."""

    object: Ref
    node: str
    state: str
    ready: bool

    @property
    def standing(self) -> str:
        """finished, ready, notready (Running all the same), waiting (to start) or failed."""
        if self.state in _FINISHED:
            return "finished"
        if self.ready:
            return "ready"
        if self.state == "Running":
            return "notready"
        starts = self.state in _STARTING or (self.state.startswith("Init:") and "/" in self.state)
        return "waiting" if starts else "failed"


class Moment(Struct, frozen=True):
    """One entry of the time line."""

    time: datetime
    object: Ref
    reason: str
    text: str
    count: int
    current: bool


class SnapshotSummary(Struct, frozen=True):
    source: str
    taken_at: datetime | None
    objects: int
    pods: int
    unread: tuple[Unread, ...] = ()
    server_version: str = ""
    intent_only: bool = False


class TargetResult(Struct, frozen=True):
    """Whether a target of `platform.yaml` or `--target` is met; `met` is None where the score is unknown."""

    score: str
    wanted: float
    value: float | None
    met: bool | None
    day: str = ""


class Report(Struct, frozen=True):
    snapshot: SnapshotSummary
    scores: Scores
    platform: Platform
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis
    pods: tuple[PodCell, ...] = ()
    timeline: tuple[Moment, ...] = ()
    targets: tuple[TargetResult, ...] = ()
    survival: Survival | None = None
