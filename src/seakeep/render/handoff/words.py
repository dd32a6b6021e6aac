"""Figures and words that the forms of a hand-off share."""

from __future__ import annotations

from seakeep.facts.resources.quota_figures import shown
from seakeep.model.handoff import Count, Figure, Handoff, Room, ServiceTurn, Tick
from seakeep.model.plan import NodeTried, Survived
from seakeep.model.run import Run

_COUNTS = frozenset({"pods", "ready", "Running, not ready", "waiting to start", "failing", "finished"})


def value(figure: Figure, found: float | None) -> str:
    if found is None:
        return "unknown"
    return f"{found:.0f}" if figure.name in _COUNTS else f"{found:.1f}"


def delta(figure: Figure) -> str:
    if figure.delta is None:
        return ""
    text = f"{figure.delta:+.0f}" if figure.name in _COUNTS else f"{figure.delta:+.1f}"
    return text if text.strip("+-0.") else "0"


def count(found: Count) -> str:
    ready, intended = ("?" if item is None else str(item) for item in found)
    return "unknown" if ready == intended == "?" else f"{ready}/{intended}"


def amount(room: Room, found: int | None) -> str:
    return "unknown" if found is None else shown(room.resource, found)


def share(part: int | None, whole: int | None) -> str:
    return f"{100 * part / whole:.0f} %" if part is not None and whole else ""


def ticked(item: Tick) -> str:
    return "unknown" if item.met is None else "yes" if item.met else "no"


def reached(met: bool | None) -> str:
    return "not judged yet" if met is None else "met" if met else "missed"


def states(run: Run) -> dict[str, str]:
    """What became of each change."""
    return {step.change: step.state for step in run.steps}


def is_notable(item: ServiceTurn) -> bool:
    """It turned, or is not up."""
    return item.turn != "same" or item.state_after not in {"up", "waived"} or bool(item.note)


def survival(value: Handoff) -> Survived | None:
    """What single nodes cost, as the plan of the last run foretold it."""
    return next((run.plan.rehearsal.survival for run in reversed(value.runs) if run.plan.rehearsal.survival), None)


def node(item: NodeTried) -> str:
    return f"{item.node} {'drained' if item.kind == 'drain' else 'lost'}"
