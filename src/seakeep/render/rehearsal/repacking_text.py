"""A repacking on the terminal: what waits, what makes room, the commands, and what is lacking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seakeep.model.repacking import Fit, Repacking
from seakeep.model.repacking_words import amounts_text, lack_text, move_text, new_node_text
from seakeep.render.rehearsal.lines import ROWS, first_rows, row, wrapped
from seakeep.render.rehearsal.text import rehearsal_text
from seakeep.render.safe import line

_WORDS = {
    Fit.NOTHING_WAITS: "no pod waits for room",
    Fit.FOUND: "room is found for all",
    Fit.PARTLY: "room is found for some",
    Fit.NO_ROOM: "no room is found",
}


def repacking_text(value: Repacking, *, width: int = 100, verbose: bool = False) -> str:
    rows = [line(f"Repacking {value.source}: {_WORDS[value.fit]}", 200)]
    if value.waiting:
        rows += ["", f"Waiting for room: {_pods(len(value.waiting))}", *_waiting(value, verbose=verbose)]
    if value.elsewise:
        others = ", ".join(str(ref) for ref in value.elsewise[:ROWS])
        more = f" and {len(value.elsewise) - ROWS} more" if len(value.elsewise) > ROWS else ""
        rows += ["", *wrapped(0, f"Waiting for something else than room: {others}{more}", 0, width)]
    if value.resizings:
        rows += ["", "Smaller requests, by what was measured (a rolling restart each)"]
        rows += [text for item in value.resizings for text in wrapped(2, f"{item.target}: {item.why}", 400, width)]
    if value.moves:
        rows += ["", f"Moves, found by {'best fit' if value.method == 'greedy' else 'CP-SAT'}"]
        rows += [text for item in value.moves for text in wrapped(2, move_text(item), 300, width)]
    if value.commands:
        rows += ["", "In this order (evictions respect budgets: where one is refused, wait and repeat it)"]
        rows += [row(2, text, 1000) for text in value.commands]
    rows += _lacking(value, width)
    rows += [text for note in value.notes for text in wrapped(0, f"note: {note}", 400, width)]
    if value.rehearsal is not None:
        told = rehearsal_text(value.rehearsal, width=width, verbose=verbose)
        rows += ["", f"Played on the twin: {value.rehearsal.verdict}, {'no pod' if not value.left else len(value.left)} left waiting"]  # fmt: skip
        rows += ["", told.rstrip("\n")] if verbose else []
    return "\n".join(rows) + "\n"


def _waiting(value: Repacking, *, verbose: bool) -> Iterator[str]:
    """Alike pods of a workload in one row."""
    groups = Counter((item.workload, amounts_text(item.requests)) for item in value.waiting)
    rows = [row(2, f"{workload}: {count} × {asked}", 200) for (workload, asked), count in groups.items()]
    yield from first_rows(rows, verbose=verbose, indent=2)


def _lacking(value: Repacking, width: int) -> Iterator[str]:
    if not value.left:
        return
    yield ""
    yield f"Still without a place: {_pods(len(value.left))}"
    yield from (text for item in value.lacks for text in wrapped(2, lack_text(item), 400, width))
    if value.new_nodes:
        yield "What would take them:"
        yield from (text for item in value.new_nodes for text in wrapped(2, new_node_text(item), 400, width))
    if value.held:
        held = ", ".join(
            f"{count} {why}" for why, count in sorted(value.held.items(), key=lambda item: (-item[1], item[0]))
        )
        yield from wrapped(0, f"Pods that stay where they are: {held}", 400, width)


def _pods(count: int) -> str:
    return f"{count} pods" if count != 1 else "1 pod"
