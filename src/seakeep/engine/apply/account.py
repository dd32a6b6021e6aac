"""What a journal says of a run, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from seakeep.engine.apply.expected import is_edited
from seakeep.engine.apply.ledger import Ledger
from seakeep.model.plan import Plan
from seakeep.model.run import Recorded, Run, RunState, Step

_OVER = frozenset({RunState.DONE, RunState.REFUSED, RunState.ROLLED_BACK, RunState.FAILED})


def account(run: str, plan: Plan, cluster: str, begun: datetime, recorded: Sequence[Recorded]) -> Run:
    ledger = Ledger.of(item.entry for item in recorded)
    last = {item.entry.change: item for item in recorded if item.entry.change}
    ended = recorded[-1].at if recorded and ledger.state in _OVER else None
    after: Mapping[str, float | None] = {}
    for item in recorded:
        after = item.entry.data.get("scores", after) if item.entry.kind in {"state", "wave"} else after
    steps = tuple(
        _step(change.id, wave.name, ledger, last.get(change.id)) for wave in plan.waves for change in wave.changes
    )
    before = (ledger.checked or {}).get("scores", {})
    return Run(
        run,
        plan,
        cluster,
        ledger.state,
        ledger.message,
        begun,
        ended,
        steps,
        before,
        after,
        _notes(plan, ledger, after),
    )


def _step(change: str, wave: str, ledger: Ledger, last: Recorded | None) -> Step:
    sent = ledger.sent.get(change)
    if last is None:
        return Step(change, wave, "waiting", None)
    failed = last.entry.kind == "outcome" and last.entry.state == "failed"
    if sent is None:
        state = "failed" if failed else "waiting"
    elif sent.undone:
        state = "undone"
    elif sent.applied:
        state = "applied"
    else:
        state = "failed" if sent.applied is False and failed else "waiting" if sent.applied is False else "announced"
    return Step(change, wave, state, last.at, last.entry.message if failed else "")


def _notes(plan: Plan, ledger: Ledger, after: Mapping[str, float | None]) -> tuple[str, ...]:
    """Where reality is not what the rehearsal said, and what is known of why."""
    if ledger.state is not RunState.DONE:
        return ()
    if is_edited(plan):
        return ("the plan was edited since its rehearsal: nothing was foretold of it as it is",)
    wanted = plan.rehearsal.after.scores
    found = [
        f"{name} is {found:g}; the rehearsal said {told:g}"
        for name, told in sorted(wanted.items())
        if told is not None and (found := after.get(name)) is not None and abs(found - told) >= 1.0
    ]
    return (*found, *(ledger.told.get("otherwise", ()) if found else ()))
