"""The types of the JSON contract `seakeep/v1`, apart from the model, so that the model can change and the contract need not.

`docs/reference/seakeep-v1.schema.json` is written from them; fields may be added, never renamed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Version = Literal["seakeep/v1"]
State = Literal["up", "degraded", "down", "stopped", "waived", "unknown"]
Criticality = Literal["critical", "high", "normal", "low"]
Severity = Literal["info", "warning", "error", "critical"]


class Wire(Struct, rename="camel"):
    """Base: snake_case here, camelCase in JSON."""


class ObjectRef(Wire):
    """A Kubernetes object; `namespace` is empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str


class Unread(Wire):
    """What was asked for and not got, and why."""

    kind: str
    namespace: str
    reason: str


class SnapshotSummary(Wire):
    """What was looked at; `intentOnly` where it was manifests without state."""

    source: str
    taken_at: datetime | None
    server_version: str | None
    objects: int
    pods: int
    intent_only: bool
    unread: list[Unread]


class Part(Wire):
    """One addend of a score."""

    name: str
    object: str
    weight: float
    got: float
    of: float
    note: str | None


class Score(Wire):
    """`value` = 100 × Σ weight × got ÷ Σ weight × of over the parts; null where nothing could be judged. `coverage` is the judged share, 0–1."""

    value: float | None
    formula: str
    coverage: float
    note: str | None
    parts: list[Part]


class Scores(Wire):
    """Each 0–100."""

    running: Score
    health: Score
    hardening: Score
    survival: Score | None
    """Null where it was not rehearsed."""


class Naive(Wire):
    """Pods whose STATUS is Running, of all pods; `percent` is null where there are none."""

    running: int
    total: int
    percent: float | None


class Target(Wire):
    """`met` is null where the score is unknown or the target's day has not come."""

    score: str
    wanted: float
    value: float | None
    met: bool | None
    day: str | None


class Waiver(Wire):
    """Who accepted that a service is not up, why, and until which day."""

    reason: str
    owner: str
    expires: str


class Service(Wire):
    """A platform service; `ready` and `intended` count pods, null where unknown; `fulfilled` is 0–1."""

    id: str
    profile: str | None
    name: str
    namespace: str
    criticality: Criticality
    ready: int | None
    intended: int | None
    fulfilled: float | None
    state: State
    workloads: list[ObjectRef]
    note: str | None
    waiver: Waiver | UnsetType = UNSET


class Dependency(Wire):
    """`source` relies on `target` (service ids) through the address `via`, which stands in `object`."""

    source: str
    target: str
    via: str
    object: ObjectRef
    broken: bool


class Finding(Wire):
    """One hardening rule's outcome on one object."""

    rule: str
    object: ObjectRef
    outcome: Literal["pass", "fail", "skipped", "error"]
    severity: Severity
    detail: str
    path: str
    repair: str


class Evidence(Wire):
    """One observed fact; `current` is false for what may have healed."""

    object: ObjectRef
    path: str
    value: str
    time: datetime | None
    current: bool


class Change(Wire):
    """A change of one object: `patch` holds the fields to set, as for server-side apply, `remove` the paths of fields to take away."""

    target: ObjectRef
    patch: dict[str, Any]
    remove: list[str]
    risk: Literal["low", "medium", "high"]
    why: str


class Repair(Wire):
    """What would repair a cause, in a sentence, and the change where it is a change of an object."""

    summary: str
    change: Change | UnsetType = UNSET


class Cause(Wire):
    """A root cause; `consequences` are causes of rank 0 that it explains. `confidence` is 0–1, `score` what it was ranked by."""

    rank: int
    id: str
    confidence: float
    certainty: Literal["proven", "likely", "possible"]
    severity: Severity
    score: float
    object: ObjectRef
    summary: str
    evidence: list[Evidence]
    affects: list[ObjectRef]
    explains: list[ObjectRef]
    repair: Repair
    consequences: list[Cause]
    ranking: list[str]
    settled_by: str | UnsetType = UNSET


class Symptom(Wire):
    """What is visibly wrong and no cause explains."""

    object: ObjectRef
    symptom: str


class Question(Wire):
    """What could not be settled, and the command that would settle it."""

    question: str
    lookup: str


class Skipped(Wire):
    """A cause that could not be judged."""

    id: str
    reason: str


class Diagnosis(Wire, kw_only=True):
    """`seakeep diagnose -o json`."""

    api_version: Version = "seakeep/v1"
    kind: Literal["Diagnosis"] = "Diagnosis"
    snapshot: SnapshotSummary
    causes: list[Cause]
    unexplained: list[Symptom]
    insufficient: list[Question]
    skipped: list[Skipped]


class Report(Wire, kw_only=True):
    """`seakeep check -o json`."""

    api_version: Version = "seakeep/v1"
    kind: Literal["Report"] = "Report"
    snapshot: SnapshotSummary
    scores: Scores
    naive: Naive
    targets: list[Target]
    services: list[Service]
    dependencies: list[Dependency]
    findings: list[Finding]
    causes: list[Cause]
    unexplained: list[Symptom]
    insufficient: list[Question]
    skipped: list[Skipped]


class Services(Wire, kw_only=True):
    """`seakeep services -o json`."""

    api_version: Version = "seakeep/v1"
    kind: Literal["Services"] = "Services"
    snapshot: SnapshotSummary
    services: list[Service]
    dependencies: list[Dependency]


class Placement(Wire):
    """`seakeep rehearse schedule`: one pending pod, judged alone. `scores` are weighted, per node and plugin; `total` is their sum."""

    pod: str
    feasible: list[str]
    reasons: dict[str, list[str]]
    scores: dict[str, dict[str, int]]
    total: dict[str, int]


RehearsalVerdict = Literal["fine", "degraded", "unsettled", "blocked", "refused"]
RefusalKind = Literal["refused", "blocked", "unschedulable", "not-created"]


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
    """`workloads` whose ready pods were compared, `decisions` that were the same; `seconds` on the clock of the real control plane. `order`: workloads of which other pods got a full cluster's last places, as many on both sides."""

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


DOCUMENTS = (Report, Diagnosis, Services, Rehearsal, Survival)
