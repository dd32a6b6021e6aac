"""`kind: Handoff` of the JSON contract."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from seakeep.render.report.types import Criticality, ObjectRef, Severity, SnapshotSummary, State, Version, Wire
from seakeep.render.run.types import Run

Elsewhere = Literal["removed", "added", "changed"]
Since = Literal["before", "new", "unknown"]
Turn = Literal["better", "worse", "same", "new", "gone", "unknown"]


class HandoffFigure(Wire):
    """A score or a count; null where it is unknown. `madeOf` is what each value comes from."""

    name: str
    before: float | None
    after: float | None
    delta: float | None
    formula: str | None
    made_of_before: str | None
    made_of_after: str | None
    note: str | None


class HandoffObjective(Wire):
    """`met` is null before its day, and where the score is unknown."""

    score: str
    wanted: float
    day: str | None
    before: float | None
    after: float | None
    met: bool | None


class ReadyCount(Wire):
    ready: int | None
    intended: int | None


class HandoffService(Wire):
    """`before` and `after` are states; `after` is `gone` where nothing of it is left, `before` null where it is not known."""

    id: str
    name: str
    namespace: str
    criticality: Criticality
    before: State | None
    after: State | Literal["gone"]
    pods_before: ReadyCount
    pods_after: ReadyCount
    turn: Turn
    note: str | None


class HandoffReason(Wire):
    rule: str
    object: ObjectRef
    why: str


class HandoffChange(Wire):
    """One change of a run's plan, in a unified diff of the fields that it touches."""

    id: str
    wave: str
    object: ObjectRef
    created: bool
    state: str
    risk: Literal["low", "medium", "high"]
    reasons: list[HandoffReason]
    reverted_by: str | None
    diff: list[str]


class HandoffRun(Wire):
    run: Run
    commit: str | None
    changes: list[HandoffChange]


class HandoffElsewhere(Wire):
    """A difference between the snapshots that no run made."""

    object: ObjectRef
    what: Elsewhere
    detail: str | None


class HandoffRoom(Wire):
    """CPU in millicores, memory in bytes, pods by number; `node` null for all of them."""

    node: str | None
    resource: str
    allocatable: int | None
    requests: int | None
    limits: int | None
    free: int | None


class HandoffQuota(Wire):
    """`share` is used of hard, 0–1."""

    quota: ObjectRef
    resource: str
    hard: str
    used: str | None
    free: str | None
    share: float | None


class HandoffClaims(Wire):
    """`namespace` null for all; sizes in bytes."""

    namespace: str | None
    total: int
    bound: int
    asked: int
    capacity: int


class HandoffUnbound(Wire):
    claim: ObjectRef
    phase: str
    asked: int


class HandoffIssue(Wire):
    """A root cause that is still there."""

    rank: int
    severity: Severity
    cause: str
    object: ObjectRef
    summary: str
    certainty: str
    since: Since
    symptoms: list[str]
    impact: list[str]
    temporary: str
    permanent: str
    commands: list[str]


class HandoffQuestion(Wire):
    rule: str
    object: ObjectRef
    question: str
    lookup: str | None


class HandoffLeftOut(Wire):
    rule: str
    object: ObjectRef
    reason: str


class HandoffWaiver(Wire):
    """`daysLeft` is negative where it has ended."""

    target: str
    services: list[str]
    reason: str
    owner: str
    expires: str
    days_left: int


class HandoffTick(Wire):
    """`met` is null where nothing shows it."""

    text: str
    met: bool | None
    evidence: list[str]


class HandoffUsable(Wire):
    """A service that is up; `probed` where every pod of it has a readiness probe."""

    id: str
    name: str
    namespace: str
    criticality: Criticality
    pods: ReadyCount
    proof: str
    probed: bool
    since: datetime | None


class HandoffStep(Wire):
    text: str
    commands: list[str]


class Handoff(Wire, tag_field="kind", tag="Handoff"):
    """What was reached since a run or a day, what is left, and what comes first."""

    platform: str
    since: str
    before_from: str | None
    before: SnapshotSummary | None
    after: SnapshotSummary
    objectives: list[HandoffObjective]
    scores: list[HandoffFigure]
    pods: list[HandoffFigure]
    services: list[HandoffService]
    runs: list[HandoffRun]
    elsewhere: list[HandoffElsewhere] | None
    """Null where there was no snapshot to compare with."""
    rooms: list[HandoffRoom]
    quotas: list[HandoffQuota]
    claims: list[HandoffClaims]
    unbound: list[HandoffUnbound]
    issues: list[HandoffIssue]
    unexplained: list[str]
    asked: list[HandoffQuestion]
    left_out: list[HandoffLeftOut]
    waivers: list[HandoffWaiver]
    checklist: list[HandoffTick]
    usable: list[HandoffUsable]
    next: list[HandoffStep]
    notes: list[str]
    api_version: Version = "seakeep/v1"


DOCUMENTS = (Handoff,)
