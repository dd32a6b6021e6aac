"""Verdicts on pending pods, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.render.rehearsal.types import Placement
from seakeep.render.safe import line
from seakeep.twin.scheduler.words import GATED, failed_scheduling, whole_of

_NODES = 3


def placements_text(placements: Sequence[Placement]) -> str:
    """A line per pod and one on why: the best nodes with their totals, or what kube-scheduler's event would say."""
    if not placements:
        return "No pod waits for the scheduler.\n"
    rows: list[str] = []
    for item in placements:
        rows.append(line(item.pod, 160))
        rows.append(f"  {line(_best(item) if item.feasible else _why(item), 400)}")
    return "\n".join(rows) + "\n"


def _best(item: Placement) -> str:
    ranked = sorted(item.feasible, key=lambda node: (-item.total.get(node, 0), node))
    shown = ", ".join(f"{node} ({item.total.get(node, 0)})" for node in ranked[:_NODES])
    more = f" and {len(ranked) - _NODES} more" if len(ranked) > _NODES else ""
    return f"fits {len(ranked)} of {len(ranked) + len(item.reasons)} nodes, best first: {shown}{more}"


def _why(item: Placement) -> str:
    whole = whole_of(item.reasons)
    if whole.startswith(GATED):
        # kube-scheduler never tries it; this is the reason in its PodScheduled condition.
        return f"SchedulingGated: {whole}"
    return failed_scheduling(item.reasons, len(item.reasons), whole=whole)
