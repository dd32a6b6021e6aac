"""Root causes: what a catalog leaf proposes, and what the diagnosis makes of it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from seakeep.model.change import Change
from seakeep.model.refs import Ref


class Evidence(Struct, frozen=True):
    """One observed fact. `path` is a field path (`status.conditions[Ready].reason`), `event`, `log`, `check`, `alert` or `metric`; `current` is False for what may have healed."""

    object: Ref
    path: str
    value: str
    time: datetime | None = None
    current: bool = True


class Repair(Struct, frozen=True):
    """One sentence on what would repair the cause, and the change where it is a change of an object; `more` are changes that go with it."""

    summary: str
    change: Change | None = None
    more: tuple[Change, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        return (self.change, *self.more) if self.change else ()


class Candidate(Struct, frozen=True):
    """A leaf's proposal.

    `object` is the culprit: the thing that a person must change. `affects` are the objects that show it (pods, workloads, Services, claims).
    `confidence` is 0–1: how sure the leaf is *from its own evidence* (see `contract.cause` for the named levels). `settled_by` is the look-up that would settle it.
    `contained` says that what relies on the object goes on working: the cause explains what it `affects`, and nothing further.
    """

    id: str
    object: Ref
    summary: str
    evidence: tuple[Evidence, ...]
    repair: Repair
    confidence: float
    affects: tuple[Ref, ...] = ()
    settled_by: str = ""
    contained: bool = False

    @property
    def certainty(self) -> str:
        """In a word: `proven`, `likely` or `possible`."""
        return "proven" if self.confidence >= 0.9 else "likely" if self.confidence >= 0.7 else "possible"


class Cause(Struct, frozen=True):
    """A candidate with its place in the answer; `explains` counts symptoms, `consequences` are the candidates that it explains."""

    rank: int
    candidate: Candidate
    severity: str
    explains: tuple[Ref, ...] = ()
    consequences: tuple[Cause, ...] = ()
    score: float = 0.0
    reasons: tuple[str, ...] = ()


class Symptom(Struct, frozen=True):
    """Something that is visibly wrong with an object now. `target` is what a failed check was made against, where that is an object that was seen."""

    object: Ref
    text: str
    time: datetime | None = None
    target: Ref | None = None


class Question(Struct, frozen=True):
    """What could not be settled, and the look-up (a command) that would settle it."""

    question: str
    lookup: str


class Diagnosis(Struct, frozen=True):
    causes: tuple[Cause, ...] = ()
    unexplained: tuple[Symptom, ...] = ()
    insufficient: tuple[Question, ...] = ()
    skipped: tuple[tuple[str, str], ...] = field(default=())
