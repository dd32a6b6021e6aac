"""The types of the JSON contract `seakeep/v1` for rehearsals and survival."""

from __future__ import annotations

from typing import Literal

from seakeep.render.report.types import Criticality, ObjectRef, Score, Version, Wire


class Placement(Wire):
    """`seakeep rehearse schedule`: one pending pod, judged alone. `scores` are weighted, per node and plugin; `total` is their sum."""

    pod: str
    feasible: list[str]
    reasons: dict[str, list[str]]
    scores: dict[str, dict[str, int]]
    total: dict[str, int]


RehearsalVerdict = Literal["fine", "degraded", "unsettled", "blocked", "refused"]
RefusalKind = Literal["refused", "blocked", "unschedulable", "not-created", "failed"]


class Refusal(Wire):
    """What did not go, and the object that says so where one does (`by`)."""

    kind: RefusalKind
    object: ObjectRef
    message: str
    by: ObjectRef | None


class Shortage(Wire):
    """A workload that fell below what its service needs: the fewest ready pods, for how many seconds altogether, and whether it came back."""

    service: str
    workload: ObjectRef
    lowest: int
    needed: int
    seconds: float
    recovered: bool


class Expectation(Wire):
    """An expectation as written, whether it was met, and what was found; `line` is the scenario file's."""

    text: str
    met: bool
    found: str
    line: int | None


class Oscillation(Wire):
    """What still changed when the time was up, and how often. In `unsettled_before`: before anything was played; it was held still from there on."""

    object: ObjectRef
    changes: int


class TwinEvent(Wire):
    """One thing that happened on the twin: seconds since the start, to which object, what, and by which rule."""

    at: float
    object: ObjectRef
    what: str
    why: str


class PlayedStep(Wire):
    """One step of a scenario, from `at` to `until` in seconds on the twin's clock; `events` are the first 2,000."""

    step: str
    verdict: RehearsalVerdict
    at: float
    until: float
    refusals: list[Refusal]
    short: list[Shortage]
    expectations: list[Expectation]
    oscillating: list[Oscillation]
    events: list[TwinEvent]


class ServiceLevel(Wire):
    """Pods of one service: ready, intended, and needed by its own protocol; `short` names the workloads below their need."""

    id: str
    name: str
    namespace: str
    ready: int
    intended: int
    needed: int
    short: list[str]


class RehearsalSide(Wire):
    """Before or after: scores by name, and every service."""

    scores: dict[str, Score]
    services: list[ServiceLevel]


class CoursePoint(Wire):
    """From `at` seconds on, so many pods are ready."""

    at: float
    ready: int


class Span(Wire):
    """Seconds."""

    start: float
    end: float


class Course(Wire):
    """Ready pods of one service over time, wherever they changed; `below` are the spans in which some workload had fewer than it needs."""

    service: str
    name: str
    intended: int
    needed: int
    points: list[CoursePoint]
    below: list[Span]


class LeftOut(Wire):
    """What of the snapshot the real control plane was not given, or was given otherwise."""

    what: str
    count: int
    why: str


DifferenceKind = Literal["ready", "refused", "blocked", "unschedulable", "not-created"]


class Difference(Wire):
    """`what` is `ready` (pods of the workload) or the kind of a refusal."""

    what: DifferenceKind
    object: ObjectRef
    twin: str
    real: str


class ComparedStep(Wire):
    """`workloads` whose ready pods were compared, `decisions` that were the same; `seconds` on the clock of the real control plane. `order`: workloads of which other pods got a full cluster's last places."""

    step: str
    equal: bool
    settled: bool
    workloads: int
    decisions: int
    seconds: float
    differences: list[Difference]
    order: list[ObjectRef]


class Comparison(Wire):
    """`rehearse … --engine real`: the twin against a real control plane. Workloads that differ before are not compared again in the steps."""

    engine: str
    equal: bool
    before: ComparedStep
    steps: list[ComparedStep]
    left_out: list[LeftOut]


class Rehearsal(Wire, kw_only=True):
    """`seakeep rehearse … -o json`."""

    api_version: Version = "seakeep/v1"
    kind: Literal["Rehearsal"] = "Rehearsal"
    source: str
    scenario: str
    verdict: RehearsalVerdict
    seconds: float
    steps: list[PlayedStep]
    before: RehearsalSide
    after: RehearsalSide
    timeline: list[Course]
    comparison: Comparison | None = None
    unsettled_before: list[Oscillation] = []


NeedRule = Literal["one", "quorum", "in-sync", "all"]
DisruptionKind = Literal["drain", "loss", "zone", "pair", "upgrade", "eviction"]


class Need(Wire):
    """How many of a workload's intended pods its service needs, and by which rule."""

    service: str
    workload: ObjectRef
    intended: int
    needed: int
    rule: NeedRule


class Disruption(Wire):
    """`targets` are nodes, a zone, or one pod that stands for `times` alike."""

    kind: DisruptionKind
    targets: list[str]
    times: int


class SinglePoint(Wire):
    """A workload that one node or one pod takes below its need: by which disruptions, how many pods are left, and whether it comes back."""

    service: str
    criticality: Criticality
    workload: ObjectRef
    intended: int
    needed: int
    lowest: int
    recovered: bool
    disruptions: list[Disruption]


class Outcome(Wire):
    """What one disruption did. `refused`: a budget forbade the eviction, so that nothing happened."""

    disruption: Disruption
    refused: bool
    settled: bool
    short: list[Shortage]
    refusals: list[Refusal]


class Survival(Wire, kw_only=True):
    """`seakeep survive -o json`."""

    api_version: Version = "seakeep/v1"
    kind: Literal["Survival"] = "Survival"
    source: str
    score: Score
    below_before: list[str]
    needs: list[Need]
    single_points: list[SinglePoint]
    outcomes: list[Outcome]
    unsettled_before: list[Oscillation] = []


DOCUMENTS = (Rehearsal, Survival)
