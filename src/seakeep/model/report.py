"""The value behind every output of `seakeep check`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seakeep.model.cause import Diagnosis
from seakeep.model.finding import Finding
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.score import Scores
from seakeep.model.snapshot import Unread


@dataclass(frozen=True, slots=True)
class PodCell:
    """One pod in the picture of pods by node; `state` as kubectl's STATUS column words it."""

    object: Ref
    node: str
    state: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the time line."""

    time: datetime
    object: Ref
    reason: str
    text: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class SnapshotSummary:
    source: str
    taken_at: datetime | None
    objects: int
    pods: int
    unread: tuple[Unread, ...] = ()
    server_version: str = ""
    intent_only: bool = False


@dataclass(frozen=True, slots=True)
class TargetResult:
    """Whether a target of `platform.yaml` or `--target` is met; `met` is None where the score is unknown."""

    score: str
    wanted: float
    value: float | None
    met: bool | None
    day: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    snapshot: SnapshotSummary
    scores: Scores
    platform: Platform
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis
    pods: tuple[PodCell, ...] = ()
    timeline: tuple[Moment, ...] = ()
    targets: tuple[TargetResult, ...] = ()
