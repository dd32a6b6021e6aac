"""A rehearsal: what was played on the twin, what happened, and what is left of each service."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seakeep.model.comparison import Comparison
from seakeep.model.refs import Ref
from seakeep.model.score import Score


class Verdict(StrEnum):
    """The worst that happened: `refused` by the API server, `blocked` from being finished, `unsettled` at the bound, `degraded` below what a service needs, or a Job has failed for good."""

    FINE = "fine"
    DEGRADED = "degraded"
    UNSETTLED = "unsettled"
    BLOCKED = "blocked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Need:
    """What one workload of a service needs: `needed` of `intended` pods ready, by `rule` (one, quorum, in-sync, all)."""

    service: str
    workload: Ref
    intended: int
    needed: int
    rule: str


@dataclass(frozen=True, slots=True)
class Level:
    """One service at one time. `ready` counts at most the intended pods of each workload; `short` names the workloads that have fewer than they need."""

    service: str
    name: str
    namespace: str
    criticality: str
    ready: int
    intended: int
    needed: int
    short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """Before or after: the scores by id, and every service."""

    scores: tuple[Score, ...]
    services: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What did not go: `kind` is refused, blocked, unschedulable, not-created or, of a Job, failed; `by` is the object that says no, where one does."""

    kind: str
    object: Ref
    message: str
    by: Ref | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on the twin, and by which rule of Kubernetes."""

    at: float
    object: Ref
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """`text` as written, whether it was met, and what was found instead."""

    text: str
    met: bool
    found: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Shortage:
    """A workload that fell below what its service needs, though it was not before: the fewest ready pods, for how long altogether, and whether it came back."""

    service: str
    workload: Ref
    lowest: int
    needed: int
    seconds: float
    recovered: bool


@dataclass(frozen=True, slots=True)
class Played:
    """One step of the scenario, from `at` to `until` (seconds). `oscillating`: what still changed at the bound, with how often."""

    step: str
    verdict: Verdict
    at: float
    until: float
    refusals: tuple[Refusal, ...] = ()
    events: tuple[Event, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    oscillating: tuple[tuple[Ref, int], ...] = ()
    short: tuple[Shortage, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """Ready pods of one service over time: (seconds, ready) wherever it changed, and the spans in which it had fewer than it needs."""

    service: str
    name: str
    intended: int
    needed: int
    points: tuple[tuple[float, int], ...]
    below: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    scenario: str
    source: str
    verdict: Verdict
    steps: tuple[Played, ...]
    before: Side
    after: Side
    timeline: tuple[Course, ...]
    seconds: float
    comparison: Comparison | None = None
    unsettled: tuple[tuple[Ref, int], ...] = ()
    """What had not settled before the first step, with how often it changed: it was held still, so that the rest could be played."""

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        return tuple(item for step in self.steps for item in step.expectations)
