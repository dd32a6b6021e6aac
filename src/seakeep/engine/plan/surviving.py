"""The survival of a platform before and after a plan, on the twins that its rehearsal leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from seakeep.engine.plan.draining import Drained
from seakeep.engine.plan.limits import Standing, limits
from seakeep.engine.play import Decode
from seakeep.engine.survive import attempt, standard, survival
from seakeep.engine.watch import Board
from seakeep.model.plan import NodeTried, Survived
from seakeep.model.plan import Outcome as Scores
from seakeep.model.refs import Ref
from seakeep.model.survival import Outcome
from seakeep.twin.observed import Observed


def tried(twin: Observed, standing: Standing, decode: Decode, drains: Mapping[str, Outcome]) -> tuple[float | None, tuple[Outcome, ...]]:  # fmt: skip
    """The score, and every disruption that it is made of; `drains` were tried already."""
    outcomes = tuple(
        drains[item.targets[0]]
        if item.kind == "drain" and item.targets[0] in drains
        else attempt(twin, standing.platform, standing.board, item, decode)
        for item in standard(twin.state, standing.board)
    )
    found = survival("", standing.platform, standing.board, outcomes, twin.state)
    return found.score.value, outcomes


def with_survival(scores: Scores, value: float | None) -> Scores:
    return replace(scores, scores={**scores.scores, "survival": value})


def survived(before: Sequence[Outcome], start: Board, after: Sequence[Outcome], standing: Standing) -> Survived:
    """Node by node, and why what is still lost is lost; `start` and `standing` are the platform before and after."""
    old = {item.disruption: item for item in before}
    nodes = tuple(
        NodeTried(
            item.disruption.kind,
            item.disruption.targets[0],
            _stops(old.get(item.disruption)),
            _stops(item),
            _serving(old.get(item.disruption), start),
            _serving(item, standing.board),
            len({need.service for need in standing.board.needs.values()}),
        )
        for item in after
        if item.disruption.kind in {"drain", "loss"}
    )
    return Survived(nodes, limits(standing, after))


def _stops(outcome: Outcome | None) -> tuple[Ref, ...]:
    return tuple(sorted(Drained.of(outcome).kept)) if outcome is not None else ()


def _serving(outcome: Outcome | None, board: Board) -> int:
    """Services that have what they need in the end."""
    down = {need.service for ref, need in board.needs.items() if board.counts.get(ref, 0) < need.needed}
    lost = {item.service for item in outcome.short if not item.recovered} if outcome is not None else set()
    return len({need.service for need in board.needs.values()} - down - lost)
