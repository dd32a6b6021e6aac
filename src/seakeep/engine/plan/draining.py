"""What a plan does to drains: each node by itself, as a person drains it, DaemonSets ignored and local data given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from seakeep.engine.beside import failing
from seakeep.engine.play import Decode
from seakeep.engine.survive import attempt
from seakeep.engine.watch import Board, home, serves
from seakeep.model.objects import Node, Pod
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.survival import Disruption, Outcome
from seakeep.twin.observed import Observed


class Drained(Struct, frozen=True):
    """One node drained: pods that stay there for good with the budget that keeps them, and workloads that fall below their need and stay there: a pause until the pod runs elsewhere is what a drain costs."""

    kept: Mapping[Ref, Ref | None]
    short: frozenset[Ref]

    @classmethod
    def of(cls, outcome: Outcome) -> Drained:
        kept = {item.object: item.by for item in outcome.refusals if item.object.kind == "Pod"}
        return cls(kept, frozenset(item.workload for item in outcome.short if not item.recovered))


class Kept(Struct, frozen=True):
    """A pod at which a drain stops that went before; `guards` where the budget keeps what the workload needs to serve."""

    node: str
    pod: Ref
    workload: Ref
    budget: Ref | None
    guards: bool


class Drains:
    """Those of the state before are the measure."""

    def __init__(self, base: Observed, board: Board, platform: Platform, decode: Decode) -> None:
        self._base, self._board, self._platform, self._decode = base, board, platform, decode
        self.before = self._drained(base, board)

    def _drained(self, twin: Observed, board: Board) -> dict[str, Outcome]:
        held = failing(twin)
        return {name: self._one(twin, board, name, held) for name in _nodes(twin)}

    def _one(self, twin: Observed, board: Board, node: str, held: Sequence[Pod] = ()) -> Outcome:
        return attempt(twin, self._platform, board, Disruption("drain", (node,)), self._decode, held)

    def after(self, twin: Observed) -> tuple[dict[str, Outcome], list[Kept]]:
        """Each node drained, and what stops those drains that did not before."""
        board = board_of(twin, self._board)
        outcomes = self._drained(twin, board)
        return outcomes, [
            item for name, outcome in outcomes.items() for item in self._newly_kept(twin, board, name, Drained.of(outcome))
        ]  # fmt: skip

    def _newly_kept(self, twin: Observed, board: Board, node: str, drained: Drained) -> Iterable[Kept]:
        """Where the drain takes the service below its need without the budget, the budget does what it is for."""
        before = Drained.of(self.before[node]) if node in self.before else Drained({}, frozenset())
        old = {_home(self._base, self._board, ref) for ref in before.kept}
        budgets = sorted({budget for budget in drained.kept.values() if budget is not None} - set(before.kept.values()))
        short: frozenset[Ref] = frozenset()
        if budgets:
            bare = twin.branch()
            for item in budgets:
                bare.delete(item, force=True)
            short = Drained.of(self._one(bare, board, node)).short
        for ref, budget in drained.kept.items():
            workload = _home(twin, board, ref)
            if workload not in old:
                yield Kept(node, ref, workload, budget, budget is not None and workload in short)


def board_of(twin: Observed, board: Board) -> Board:
    """The pods that are ready in this twin, by the same needs."""
    ready: dict[tuple[str, str], Ref] = {}
    counts: Counter[Ref] = Counter()
    owners = dict(board.owners)
    for pod in twin.state.all(Pod):
        if serves(twin, pod):
            workload = home(twin.state, owners, pod)
            ready[pod.namespace, pod.name] = workload
            counts[workload] += 1
    return Board(board.needs, owners, ready, dict(counts))


def _home(twin: Observed, board: Board, ref: Ref) -> Ref:
    pod = twin.state.get(Pod, ref.namespace, ref.name)
    return home(twin.state, board.owners, pod) if pod is not None else ref


def _nodes(twin: Observed) -> list[str]:
    return [node.name for node in twin.state.all(Node)]
