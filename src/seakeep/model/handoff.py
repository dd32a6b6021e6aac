"""A hand-off: what was reached since a run or a day, what is left, and what the next person does first. Everything is computed; where that cannot be, it says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from seakeep.model.plan import Asked, LeftOut
from seakeep.model.platform import Waiver
from seakeep.model.refs import Ref
from seakeep.model.report import SnapshotSummary
from seakeep.model.run import Run

Count = tuple[int | None, int | None]


class Figure(Struct, frozen=True):
    """A score or a count before and after; None where it is unknown. `text_before` and `text_after` say what it is made of, so that it can be recomputed."""

    name: str
    before: float | None
    after: float | None
    formula: str = ""
    text_before: str = ""
    text_after: str = ""
    note: str = ""

    @property
    def delta(self) -> float | None:
        return None if self.before is None or self.after is None else round(self.after - self.before, 1)


class Objective(Struct, frozen=True):
    """A target of `platform.yaml`; `met` is None where its day is to come or the score is unknown."""

    score: str
    wanted: float
    day: str
    before: float | None
    after: float | None
    met: bool | None


class ServiceTurn(Struct, frozen=True):
    """A service before and after: `turn` is better, worse, same, new, gone or unknown; counts are ready of intended pods."""

    id: str
    name: str
    namespace: str
    criticality: str
    state_before: str
    state_after: str
    before: Count
    after: Count
    turn: str
    note: str = ""


class Elsewhere(Struct, frozen=True):
    """What changed between the snapshots, and not by a run that is told of here: `what` is removed, added or changed; `detail` what of it."""

    object: Ref
    what: str
    detail: str = ""


class Room(Struct, frozen=True):
    """CPU (millicores) or memory (bytes) of a node, or of all (`node` empty); None where it was not shown."""

    node: str
    resource: str
    allocatable: int | None
    requests: int | None
    limits: int | None

    @property
    def free(self) -> int | None:
        return None if self.allocatable is None or self.requests is None else self.allocatable - self.requests


class QuotaUse(Struct, frozen=True):
    """One figure of one quota; `used` and `free` are empty where the quota's status was not shown. `share` is used of hard, 0–1."""

    quota: Ref
    resource: str
    hard: str
    used: str
    free: str
    share: float | None


class Claims(Struct, frozen=True):
    """The claims of a namespace (empty: all): how many, how many bound, and bytes asked for and bound."""

    namespace: str
    total: int
    bound: int
    asked: int
    capacity: int


class Unbound(Struct, frozen=True):
    claim: Ref
    phase: str
    asked: int


class Issue(Struct, frozen=True):
    """A root cause that is still there. `since` is before, new or unknown. `commands` are what to run, in order."""

    rank: int
    severity: str
    cause: str
    object: Ref
    summary: str
    certainty: str
    since: str
    symptoms: tuple[str, ...]
    impact: tuple[str, ...]
    temporary: str
    permanent: str
    commands: tuple[str, ...]


class WaiverState(Struct, frozen=True):
    """`services` are the ids that it waives; `days` until it ends, negative where it has ended."""

    waiver: Waiver
    services: tuple[str, ...]
    days: int


class Tick(Struct, frozen=True):
    """One line of the checklist; `met` is None where nothing shows it."""

    text: str
    met: bool | None
    evidence: tuple[str, ...]


class Usable(Struct, frozen=True):
    """A service that is up: what proves it, and since when its last pod is ready. `probed` is False where no readiness probe asks."""

    id: str
    name: str
    namespace: str
    criticality: str
    ready: Count
    proof: str
    probed: bool
    since: datetime | None


class NextStep(Struct, frozen=True):
    text: str
    commands: tuple[str, ...] = ()


class Handoff(Struct, frozen=True):
    """`since` is what was asked for; `before_from` says where the figures before come from."""

    platform: str
    since: str
    before_from: str
    before: SnapshotSummary | None
    after: SnapshotSummary
    objectives: tuple[Objective, ...]
    scores: tuple[Figure, ...]
    pods: tuple[Figure, ...]
    services: tuple[ServiceTurn, ...]
    runs: tuple[Run, ...]
    commits: Mapping[str, str]
    """By run."""
    elsewhere: tuple[Elsewhere, ...] | None
    """None where there is no snapshot to compare with."""
    rooms: tuple[Room, ...]
    quotas: tuple[QuotaUse, ...]
    claims: tuple[Claims, ...]
    unbound: tuple[Unbound, ...]
    issues: tuple[Issue, ...]
    unexplained: tuple[str, ...]
    asked: tuple[Asked, ...]
    left_out: tuple[LeftOut, ...]
    waivers: tuple[WaiverState, ...]
    checklist: tuple[Tick, ...]
    usable: tuple[Usable, ...]
    following: tuple[NextStep, ...]
    notes: tuple[str, ...] = ()
