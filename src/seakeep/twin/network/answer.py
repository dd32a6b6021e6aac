"""What the network answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from seakeep.model.refs import Ref


class Verdict(StrEnum):
    """PARTLY: some of several ends are reached and others not, so that some connections fail."""

    REACHABLE = "reachable"
    PARTLY = "partly reachable"
    REFUSED = "refused"
    DROPPED = "dropped"
    UNRESOLVED = "name not resolved"
    NO_ENDPOINTS = "no endpoints"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the way, by the object and field that rule it. `object` is None for what lies outside the cluster."""

    object: Ref | None
    field: str
    what: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`decides` is the step that the verdict rests on. `others` are objects that bar the way together with it; `assumed` is what was taken for granted, because it was not seen."""

    verdict: Verdict
    decides: Step | None
    path: tuple[Step, ...] = ()
    others: tuple[Ref, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        return self.verdict in {Verdict.REACHABLE, Verdict.PARTLY}

    def after(self, steps: Sequence[Step], assumed: Sequence[str] = ()) -> Answer:
        """With what came before it on the way."""
        both = tuple(dict.fromkeys((*assumed, *self.assumed)))
        return replace(self, path=(*steps, *self.path), assumed=both)


def stopped(verdict: Verdict, ref: Ref | None, field: str, what: str, others: Sequence[Ref] = ()) -> Answer:
    step = Step(ref, field, what)
    return Answer(verdict, step, (step,), tuple(others))


def together(answers: Sequence[Answer], kind: str) -> Answer:
    """Of several ends, any of which may be taken: the answer for all of them. `kind` says what they are (`endpoints`)."""
    first = answers[0]
    if len(answers) == 1:
        return first
    assumed = tuple(dict.fromkeys(item for answer in answers for item in answer.assumed))
    if all(answer.verdict is first.verdict for answer in answers):
        step = Step(None, "", f"{len(answers)} {kind}, all alike: the first of them")
        return replace(first, path=(step, *first.path), assumed=assumed)
    failing = [answer for answer in answers if answer.verdict not in {Verdict.REACHABLE, Verdict.UNKNOWN}]
    told = failing or [answer for answer in answers if answer.verdict is Verdict.UNKNOWN]
    reached = sum(answer.verdict is Verdict.REACHABLE for answer in answers)
    verdict = told[0].verdict
    if failing and any(answer.reached for answer in answers):
        verdict = Verdict.PARTLY
    step = Step(None, "", f"{reached} of {len(answers)} {kind} are reached: the first that is not")
    return replace(told[0], verdict=verdict, path=(step, *told[0].path), assumed=assumed)
