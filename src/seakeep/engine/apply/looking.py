"""What the machine is told of the whole platform while it runs on a twin."""

from __future__ import annotations

from typing import Protocol

from seakeep.engine.apply.calls import Calls
from seakeep.engine.apply.twin import Scores
from seakeep.model.commands import Score, Scored
from seakeep.model.plan import Outcome
from seakeep.twin.observed import Observed


class Judge(Protocol):
    """Scores and services of a twin as it stands; the hardening score only where it is wanted."""

    def __call__(self, twin: Observed, *, hardening: bool = True) -> Outcome: ...


def looking(judge: Judge, calls: Calls, start: Observed | None = None, before: Outcome | None = None) -> Scores:
    """What was seen stands until something happens; `before` is how `start` was judged already."""
    seen: dict[bool, tuple[object, Scored]] = {}
    if start is not None and before is not None:
        seen[True] = _moment(start), Scored(before.scores, before.services, calls.told(start.state))

    def look(twin: Observed, command: Score) -> Scored:
        known = seen.get(command.hardening)
        if known is None or known[0] != _moment(twin):
            outcome = judge(twin, hardening=command.hardening)
            known = _moment(twin), Scored(outcome.scores, outcome.services, calls.told(twin.state))
            seen[command.hardening] = known
        return known[1]

    return look


def _moment(twin: Observed) -> object:
    return twin.state.version, twin.now
