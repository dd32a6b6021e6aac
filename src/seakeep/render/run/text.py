"""Runs as text and in the types of the JSON contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import cast

from seakeep.model.again import Again
from seakeep.model.run import Recorded, Run, RunState
from seakeep.model.verification import Verification
from seakeep.render.figures import counted, figure
from seakeep.render.rehearsal.lines import wrapped
from seakeep.render.run import types as wire
from seakeep.render.run.following import following
from seakeep.render.safe import json_line, json_text, plain

# The name of a run that writes nothing: there is nothing to go on with.
DRY = "dry-run"
# Why a run was taken back, where a person wanted it.
ASKED = "asked for"
_SHORT, _MOST = 60, 20
# Said once, and not of each object.
_STALE = ": make a new plan"
# The scores that are known are of before it was taken back.
_TAKEN_BACK = frozenset({RunState.ROLLING_BACK, RunState.ROLLED_BACK})
_SHOWN = ("health", "running", "hardening")


def run_text(run: Run, *, width: int = 100, rest: Sequence[str] = ()) -> str:
    """`rest` says what can be done next."""
    return _joined([*_account(run, width), *rest])


def _account(run: Run, width: int) -> Iterator[str]:
    refused = run.state is RunState.REFUSED
    counts = Counter("refused" if refused and step.state == "failed" else step.state for step in run.steps)
    parts = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    reasons = run.message.split("; ") if run.message else []
    stale = any(reason.endswith(_STALE) for reason in reasons)
    reasons = [reason.removesuffix(_STALE) for reason in reasons if reason != ASKED] or reasons
    single = len(reasons) == 1 and len(reasons[0]) < _SHORT
    title = "Dry run" if run.id == DRY else f"Run {run.id}"
    yield from wrapped(0, f"{title}: {_state(run.state)}{f' ({reasons[0]})' if single else ''}", 0, width)
    if not single:
        for reason in reasons[:_MOST]:
            yield from wrapped(2, f"- {reason}", 0, width)
        if len(reasons) > _MOST:
            yield f"  - and {len(reasons) - _MOST} more"
    yield f"  plan {run.plan.id}, {counted(len(run.steps), 'change')}{f': {parts}' if parts else ''}"
    for name in _SHOWN if run.state not in _TAKEN_BACK else ():
        if name in run.before or name in run.after:
            yield f"  {name:<9}  {figure(run.before.get(name)):>7}  →  {figure(run.after.get(name)):>7}"
    for note in run.notes:
        yield from wrapped(2, f"note: {note}", 0, width)
    for step in run.steps:
        if step.state in {"failed", "announced"} and not refused:
            told = "" if step.message.removesuffix(_STALE) in reasons else f": {step.message}"
            yield from wrapped(2, f"{step.state}: {step.change}{told if step.message else ''}", 0, width)
    if refused or run.id == DRY:
        yield "Nothing was written."
    if refused and stale:
        yield from ("Make a new plan:", "  seakeep plan --out plan.yaml")
    if " belongs to " in run.message:
        yield from wrapped(
            0,
            "--force-conflicts takes over what belongs to others; who else applies it will then meet a conflict.",
            0,
            width,
        )


def rehearsed_text(run: Run, *, width: int = 100) -> str:
    """How the run of a plan went on the twin."""
    applied = sum(step.state == "applied" for step in run.steps)
    ends = [step.at for step in run.steps if step.at is not None]
    took = (
        f", in {(max(ends) - run.begun_at).total_seconds() / 60:.0f} min of its clock" if ends and run.begun_at else ""
    )
    told = f"Applied on the twin, as `seakeep apply` would on the cluster: {_state(run.state)}, {applied} of {len(run.steps)} changes in {len(run.plan.waves)} waves{took}."
    return _joined(wrapped(0, told, 0, width))


def steps_text(run: Run, *, width: int = 100, again: Again | None = None) -> str:
    """Every step, for `history RUN`: what can be done next stands at the end, behind them all."""
    lines = [*_account(run, width), "", "Steps, in UTC"]
    for wave, steps in groupby(run.steps, key=lambda step: step.wave):
        lines.append(f"  {wave}")
        lines += [
            f"    {f'{step.at:%Y-%m-%d %H:%M:%S}' if step.at else '-':<19}  {step.state:<9}  {step.change}"
            for step in steps
        ]
    rest = following(run.state, run.id, again)
    return _joined([*lines, *(["", *rest] if rest else ())])


def history_text(runs: Sequence[Run]) -> str:
    if not runs:
        return "No runs yet.\n"
    wide = max(len(run.id) for run in runs)
    return _joined(
        f"{run.id:<{wide}}  {f'{run.begun_at:%Y-%m-%d %H:%M} UTC' if run.begun_at else '-':<20}  {_state(run.state):<12}  "
        f"{sum(step.state == 'applied' for step in run.steps)} of {len(run.steps)} applied"
        for run in runs
    )


def verification_text(value: Verification, *, width: int = 100) -> str:
    if not value.objects:
        return _joined([f"Run {value.run} is {_state(value.state)}: nothing stands that it wrote."])
    if not value.differences:
        objects = (
            "the one object is as it left it, and well"
            if value.objects == 1
            else f"all {value.objects} objects are as it left them, and well"
        )
        return _joined([f"Run {value.run}: {objects}."])
    many = len(value.differences)
    rows = [
        f"Run {value.run}: {many} difference{'s' * (many > 1)} on {value.objects} object{'s' * (value.objects > 1)}"
    ]
    for item in value.differences:
        rows += wrapped(2, item.message, 0, width)
    return _joined(rows)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(plain(line) for line in lines) + "\n"


def _state(state: RunState) -> str:
    return state.value.replace("-", " ")


def run_wire(run: Run) -> wire.Run:
    return wire.Run(
        id=run.id,
        plan=run.plan.id,
        cluster=run.cluster or None,
        state=run.state.value,
        message=run.message or None,
        begun_at=run.begun_at,
        ended_at=run.ended_at,
        steps=[
            wire.RunStep(step.change, step.wave, cast("wire.StepStates", step.state), step.at, step.message or None)
            for step in run.steps
        ],
        before=_scores(run.before),
        after=_scores({} if run.state in _TAKEN_BACK else run.after),
        notes=list(run.notes),
    )


def _scores(found: Mapping[str, float | None]) -> wire.RunScores:
    return wire.RunScores(found.get("health"), found.get("running"), found.get("hardening"))


def verification_wire(value: Verification) -> wire.RunVerification:
    return wire.RunVerification(
        run=value.run,
        plan=value.plan,
        state=value.state.value,
        objects=value.objects,
        differences=[wire.Difference(item.change, item.path or None, item.message) for item in value.differences],
    )


def as_json(value: wire.Run | wire.RunVerification | list[wire.Run]) -> str:
    return json_text(value)


def entries_jsonl(recorded: Sequence[Recorded]) -> str:
    """The journal as it stands, an entry a line, with the hashes that tie each to the one before."""
    return "".join(map(json_line, recorded))
