"""A plan: changes in waves with gates, tied to the state that it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, json

from seakeep.model.change import Risk, Shared
from seakeep.model.refs import Ref


class Base(Struct, frozen=True):
    """What a target was when the plan was made; all empty for one that did not exist. `digest` is of its content less status and what the server keeps."""

    uid: str = ""
    resource_version: str = ""
    digest: str = ""

    @property
    def exists(self) -> bool:
        return bool(self.digest)


class Reason(Struct, frozen=True):
    """Why an object is changed: the cause or hardening rule, on which object it was found, and one sentence with the figures."""

    rule: str
    object: Ref
    why: str


class Undo(Struct, frozen=True):
    """What leads back: fields to set again, paths to remove, or the deletion of an object that the plan made."""

    patch: Mapping[str, Any] = {}
    remove: tuple[str, ...] = ()
    delete: bool = False


class Planned(Struct, frozen=True):
    """One write: everything that a wave changes on one object, so that its pods are replaced once.

    `id` is unique in the plan and says what is written. `expected` maps each score to what it is after this change alone (rehearsed); `reverted_by` names who would
    change it back (an Argo CD Application, a Helm release, an operator's resource), and where to change it instead.
    """

    id: str
    target: Ref
    api_version: str
    patch: Mapping[str, Any]
    remove: tuple[str, ...]
    risk: Risk
    reasons: tuple[Reason, ...]
    base: Base
    undo: Undo
    expected: Mapping[str, float] = {}
    reverted_by: str = ""


class Wave(Struct, frozen=True):
    """Changes that may be made side by side. The next wave starts when the `gate` holds; `expected` are the ready pods behind it, as rehearsed, of each service that has others than behind the wave before."""

    name: str
    changes: tuple[Planned, ...]
    gate: str = ""
    expected: Mapping[str, int] = {}


class Asked(Struct, frozen=True):
    """What only a person can decide. `also` are the other findings, by rule and object, that the answer settles; `shared` is how it is put together with theirs."""

    rule: str
    object: Ref
    question: str
    lookup: str = ""
    also: tuple[tuple[str, Ref], ...] = ()
    shared: Shared | None = None

    @property
    def settles(self) -> tuple[tuple[str, Ref], ...]:
        return ((self.rule, self.object), *self.also)


class LeftOut(Struct, frozen=True):
    """A change that the plan does not make, and why: over the risk allowed, not needed for the target, or refused by the rehearsal."""

    rule: str
    target: Ref
    reason: str


class Outcome(Struct, frozen=True):
    """Scores by name (None: unknown), and ready of intended pods by service id."""

    scores: Mapping[str, float | None]
    services: Mapping[str, tuple[int | None, int | None]] = {}


class NodeTried(Struct, frozen=True):
    """One node `drain`ed or lost (`loss`), before and after the plan: the pods at which the drain stops, and how many of so many services have what they need in the end."""

    kind: str
    node: str
    stops_before: tuple[Ref, ...]
    stops: tuple[Ref, ...]
    serving_before: int
    serving: int
    services: int


class Limit(Struct, frozen=True):
    """Services that a drain or the loss of one node still takes after the plan, by the reason."""

    reason: str
    services: tuple[str, ...]


class Survived(Struct, frozen=True):
    """What single nodes cost. The survival score itself is among the scores."""

    nodes: tuple[NodeTried, ...]
    limits: tuple[Limit, ...]


class Verdict(Struct, frozen=True):
    """How the plan went on the twin: `fine`, `refused` with the reasons, or `unrehearsed` where the source shows no cluster. `notes` are what one should know all the same."""

    verdict: str
    before: Outcome
    after: Outcome
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    survival: Survived | None = None


class Plan(Struct, frozen=True):
    """`id` is its identity, unless somebody edited it since. `cluster` is the uid of namespace kube-system, empty where the source does not show it."""

    id: str
    source: str
    made_at: datetime | None
    cluster: str
    target: float
    waves: tuple[Wave, ...]
    rehearsal: Verdict
    asked: tuple[Asked, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def changes(self) -> tuple[Planned, ...]:
        return tuple(change for wave in self.waves for change in wave.changes)


def expected_behind(plan: Plan, wave: Wave) -> dict[str, int]:
    """The ready pods of each service behind a wave, as rehearsed; none of a plan that somebody edited since."""
    if identity(plan.cluster, plan.waves) != plan.id:
        return {}
    found = {name: ready for name, (ready, _) in plan.rehearsal.before.services.items() if ready is not None}
    for item in plan.waves:
        found.update(item.expected)
        if item == wave:
            break
    return found


def identity(cluster: str, waves: Sequence[Wave]) -> str:
    """The first 12 hex digits of SHA-256 over what a plan changes, in which order, and the state that it is tied to: the same state and options give the same plan."""
    changes = [
        (
            wave.name,
            [(item.id, item.target, item.api_version, item.patch, item.remove, item.base) for item in wave.changes],
        )
        for wave in waves
    ]
    return hashlib.sha256(json.encode((cluster, changes), order="deterministic")).hexdigest()[:12]
