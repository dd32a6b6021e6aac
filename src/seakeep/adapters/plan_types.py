"""The types of plan files: what stands in each field."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

API_VERSION: Literal["seakeep/v1"] = "seakeep/v1"


class Strict(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """Base: camelCase in the file, and a slip in a field's name is an error."""


class PlanObject(Strict, omit_defaults=False):
    """A Kubernetes object; `namespace` is empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str


class PlanBase(Strict):
    """What the object was when the plan was made; absent for one that did not exist. `digest` is of its content less status."""

    uid: str = ""
    resource_version: str = ""
    digest: str = ""


class PlanUndo(Strict):
    """What leads back: fields to set again, paths to remove, or the deletion of what the plan made."""

    patch: dict[str, Any] = {}
    remove: list[str] = []
    delete: bool = False


class PlanReason(Strict):
    """A rule or cause that asks for the change, the object that it was found on, and why."""

    rule: str
    object: PlanObject
    why: str = ""


class PlannedChange(Strict):
    """One write. `patch` holds the fields to set, as for server-side apply; `remove` paths of fields to take away. `expected` are the scores after this change alone."""

    id: str
    target: PlanObject
    api_version: str
    rule: str
    risk: Literal["low", "medium", "high"]
    reasons: list[PlanReason]
    patch: dict[str, Any] = {}
    remove: list[str] = []
    expected: dict[str, float] = {}
    reverted_by: str = ""
    base: PlanBase | None = None
    undo: PlanUndo = msgspec.field(default_factory=PlanUndo)


class PlanWave(Strict):
    """Changes made side by side; the next wave starts when the gate holds. `expected` are the ready pods behind it, as rehearsed, of each service that has others than behind the wave before."""

    name: str
    gate: str
    changes: list[PlannedChange]
    expected: dict[str, int] = {}


class PlanScores(Strict, omit_defaults=False):
    """Scores by name (null: unknown), and ready/intended pods by service (`2/3`; `?` for what is unknown)."""

    scores: dict[str, float | None]
    services: dict[str, str] = {}


class PlanNode(Strict):
    """One node drained or lost, before and after the plan: the pods at which the drain stops, and how many of the services have what they need in the end."""

    kind: Literal["drain", "loss"]
    node: str
    serving_before: int
    serving: int
    services: int
    stops_before: list[PlanObject] = []
    stops: list[PlanObject] = []


class PlanLimit(Strict):
    """Services that a drain or the loss of one node still takes after the plan, and why."""

    reason: str
    services: list[str]


class PlanSurvival(Strict):
    """What single nodes cost; the survival score is among the scores."""

    nodes: list[PlanNode]
    limits: list[PlanLimit] = []


class PlanRehearsal(Strict):
    """How the plan went on the twin; `unrehearsed` where the source shows no cluster."""

    verdict: Literal["fine", "refused", "unrehearsed"]
    before: PlanScores
    after: PlanScores
    refusals: list[str] = []
    notes: list[str] = []
    survival: PlanSurvival | None = None


class PlanQuestion(Strict):
    """What only a person can decide, and the look-up that decides it. `also` are the other findings that the answer settles."""

    rule: str
    object: PlanObject
    question: str
    lookup: str = ""
    also: list[PlanReason] = []


class PlanLeftOut(Strict):
    """A change that the plan does not make, and why."""

    rule: str
    target: PlanObject
    reason: str


class PlanMadeWith(Strict):
    """What was declared and read when the plan was made: the scores foretold are of these alone. `platform` is empty where no platform.yaml was used, `digest` the start of that file's SHA-256;
    `namespaces` are the only ones that were read of a live cluster; `metrics` were given by --metrics.
    """

    platform: str
    digest: str = ""
    namespaces: list[str] = []
    metrics: bool = False


class PlanSource(Strict):
    """The state that the plan was made from; `cluster` is the uid of namespace kube-system."""

    source: str
    taken_at: datetime | None = None
    cluster: str = ""
    made_with: PlanMadeWith | None = None


class PlanDocument(Strict, tag_field="kind", tag="Plan"):
    """A plan: changes in waves with gates, tied to the state that it was made from. `id` is a hash of what it changes."""

    id: str
    target: float
    base: PlanSource
    rehearsal: PlanRehearsal
    waves: list[PlanWave]
    asked: list[PlanQuestion] = []
    left_out: list[PlanLeftOut] = []
    api_version: Literal["seakeep/v1"] = API_VERSION
