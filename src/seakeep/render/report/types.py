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
    """A Kubernetes object; `namespace` is empty for cluster-scoped kinds. `name` is null where the source does not tell it."""

    kind: str
    namespace: str
    name: str | None


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


DOCUMENTS = (Report, Diagnosis, Services)
