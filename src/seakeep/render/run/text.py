"""Runs as text and in the types of the JSON contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from seakeep.model.run import Recorded, Run, RunState
from seakeep.model.verification import Verification
from seakeep.render.run import types as wire
from seakeep.render.safe import plain

# The name of a run that writes nothing: there is nothing to go on with.
DRY = "dry-run"
_SHORT, _MOST = 100, 20
_NEXT = {
    RunState.PAUSED: "Go on with: seakeep apply --resume {id}",
    RunState.STOPPED: "Once that is mended, go on with: seakeep apply --resume {id}",
    RunState.RUNNING: "It was cut off. Go on with: seakeep apply --resume {id}",
    RunState.PREPARING: "It was cut off. Go on with: seakeep apply --resume {id}",
    RunState.ROLLING_BACK: "It was cut off. Go on with: seakeep rollback {id}",
    RunState.FAILED: "Go on with `seakeep apply --resume {id}`, or back with `seakeep rollback {id}`.",
    RunState.DONE: "Look at it with `seakeep verify {id}`; take it back with `seakeep rollback {id}`.",
}


def run_text(run: Run) -> str:
    counts = Counter(step.state for step in run.steps)
    parts = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    reasons = run.message.split("; ") if run.message else []
    single = len(reasons) == 1 and len(run.message) < _SHORT
    lines = [f"Run {run.id}: {run.state}{f' ({run.message})' if single else ''}"]
    if not single:
        lines += [f"  - {reason}" for reason in reasons[:_MOST]]
        lines += [f"  - and {len(reasons) - _MOST} more"] if len(reasons) > _MOST else []
    lines.append(f"  plan {run.plan.id}, {len(run.steps)} changes: {parts or 'none'}")
    lines += [
        f"  {name} {_score(run.before.get(name))} → {_score(run.after.get(name))}"
        for name in sorted({*run.before, *run.after})
    ]
    lines += [f"  note: {note}" for note in run.notes]
    lines += [
        f"  {step.state}: {step.change}{f': {step.message}' if step.message else ''}"
        for step in run.steps
        if step.state in {"failed", "announced"} and run.state is not RunState.REFUSED
    ]
    if run.state is RunState.REFUSED:
        lines.append("Nothing was written.")
    if " belongs to " in run.message:
        lines.append(
            "--force-conflicts takes over what belongs to others; who else applies it will then meet a conflict."
        )
    following = _NEXT.get(run.state) if run.begun_at is not None and run.id != DRY else None
    if following:
        lines.append(following.format(id=run.id))
    return "\n".join(plain(line) for line in lines) + "\n"


def rehearsed_text(run: Run) -> str:
    """One line: how the run of a plan went on the twin."""
    applied = sum(step.state == "applied" for step in run.steps)
    ends = [step.at for step in run.steps if step.at is not None]
    took = (
        f", {(max(ends) - run.begun_at).total_seconds() / 60:.0f} minutes of its time" if ends and run.begun_at else ""
    )
    told = f"Rehearsed on the twin by the machine that applies plans to a cluster: {run.state}, {applied} of {len(run.steps)} changes applied behind {len(run.plan.waves)} gates{took}."
    return plain(told) + "\n"


def steps_text(run: Run) -> str:
    """Every step, for `history RUN`."""
    lines = [
        f"  {step.at.isoformat(timespec='seconds') if step.at else '-':<25} {step.state:<9} {step.wave}: {step.change}"
        for step in run.steps
    ]
    return run_text(run) + "\n".join(plain(line) for line in lines) + "\n"


def history_text(runs: Sequence[Run]) -> str:
    if not runs:
        return "No runs yet.\n"
    lines = [
        f"{run.id}  {run.begun_at.isoformat(timespec='seconds') if run.begun_at else '-'}  {run.state:<12} "
        f"plan {run.plan.id}, {sum(step.state == 'applied' for step in run.steps)} of {len(run.steps)} applied"
        for run in runs
    ]
    return "\n".join(plain(line) for line in lines) + "\n"


def verification_text(value: Verification) -> str:
    if not value.objects:
        return f"Run {value.run} is {value.state}: nothing stands that it wrote.\n"
    if not value.differences:
        return f"Run {value.run}: all {value.objects} objects are as it left them, and well.\n"
    lines = [f"Run {value.run}: {len(value.differences)} differences on {value.objects} objects"]
    lines += [f"  {item.message}" for item in value.differences]
    return "\n".join(plain(line) for line in lines) + "\n"


def _score(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


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
        after=_scores(run.after),
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
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def entries_jsonl(recorded: Sequence[Recorded]) -> str:
    """The journal as it stands, an entry a line, with the hashes that tie each to the one before."""
    return "".join(msgspec.json.encode(item).decode() + "\n" for item in recorded)
