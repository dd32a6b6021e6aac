"""The survival of a platform before and after a plan, on the twins that its rehearsal leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from seakeep.engine.beside import failing
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


class Side(Struct, frozen=True):
    """A twin, and the platform that it shows; `drains` of its nodes were tried already."""

    twin: Observed
    standing: Standing
    drains: Mapping[str, Outcome]

    def attempts(self, decode: Decode) -> list[Callable[[], Outcome]]:
        """Every disruption that the score is made of."""
        twin, platform, board = self.twin, self.standing.platform, self.standing.board
        held = failing(twin)
        return [
            partial(self.drains.__getitem__, item.targets[0])
            if item.kind == "drain" and item.targets[0] in self.drains
            else partial(attempt, twin, platform, board, item, decode, held, for_score=True)
            for item in standard(twin.state, board)
        ]

    def score(self, outcomes: Sequence[Outcome]) -> float | None:
        found = survival("", self.standing.platform, self.standing.board, outcomes, self.twin.state)
        return found.score.value


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
    lost = {item.service for item in outcome.short if not item.recovered} if outcome is not None else set()
    return len({need.service for need in board.needs.values()} - board.short - lost)
