"""A plan's writes on a branch of the twin: what they do to the platform, and what speaks against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from seakeep.engine.plan.waves import raw_of
from seakeep.engine.play import Decode, kept, waiting
from seakeep.engine.rehearse import settle
from seakeep.engine.watch import Board, Watch, home, serves
from seakeep.model.change import Change, applied
from seakeep.model.objects import KubeObject, NetworkPolicy, Node, Pod, Service
from seakeep.model.plan import Outcome, Planned
from seakeep.model.refs import Ref
from seakeep.model.scenario import BOUND
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.blame import BARRED, Call
from seakeep.twin.drain import drain
from seakeep.twin.drain_filters import DrainOptions
from seakeep.twin.network.answer import Answer
from seakeep.twin.network.base import Network
from seakeep.twin.network.reach import reach
from seakeep.twin.network.sources import SourceUnknownError
from seakeep.twin.observed import Observed
from seakeep.twin.state import topmost

# Scores and services of a twin as it stands.
Judge = Callable[[Observed], Outcome]
_SAME = 0.05
_DRAIN = DrainOptions(force=True, ignore_daemonsets=True, delete_emptydir_data=True, patience=BOUND)


class Refusal(Struct, frozen=True):
    """What speaks against the writes; `culprit` is the written object that it lies with, where that can be told."""

    text: str
    culprit: Ref | None = None


class Trial(Struct, frozen=True):
    """`refusals` are empty where nothing speaks against the writes; `notes` are what one should know all the same."""

    outcome: Outcome
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...] = ()


class Drained(Struct, frozen=True):
    """One node drained: pods that budgets keep there for good with the budget, and workloads that fall below their need and stay there: a pause until the pod runs elsewhere is what a drain costs."""

    kept: Mapping[Ref, Ref | None]
    short: frozenset[Ref]


class Stage(Protocol):
    """What a plan is tried on."""

    before: Outcome

    def played(self, waves: Iterable[Iterable[Planned]], *, drains: bool = True) -> Trial: ...


class Rehearser:
    """`base` is a settled twin of the snapshot; it is left as it is."""

    def __init__(
        self, base: Observed, board: Board, judge: Judge, decode: Decode, calls: Iterable[tuple[Ref, Call]] = ()
    ) -> None:
        """`calls` are what workloads are known to rely on: what gets through before must do so afterwards."""
        self.base, self.board, self.decode = base, board, decode
        self._calls = tuple(call for call in dict.fromkeys(calls) if not self._bar(Network(base.state), *call))
        self._judge = judge
        self.before = judge(base)
        self._waiting = self._homes(base)
        self._drains = self._drained(base)

    def played(self, waves: Iterable[Iterable[Planned]], *, drains: bool = True) -> Trial:
        """Wave after wave, each settled before the next."""
        twin = self.base.branch()
        refusals: list[Refusal] = []
        for wave in waves:
            for change in wave:
                refusals += self._write(twin, change)
            unsettled, moving = settle(twin, BOUND)
            if unsettled:
                refusals.append(Refusal(f"never settles: {', '.join(str(ref) for ref, _ in moving[:3])}"))
        refusals += self._newly_waiting(twin)
        refusals += self._newly_barred(twin)
        after = self._judge(twin)
        refusals += self._worse(after)
        notes: list[str] = []
        if drains and not refusals:
            for name, drained in self._drained(twin).items():
                blocked, kept = self._newly_blocked(twin, name, drained)
                refusals += blocked
                notes += kept
        return Trial(after, tuple(refusals), tuple(notes))

    def _write(self, twin: Observed, change: Planned) -> list[Refusal]:
        old = twin.state.find(change.target)
        wished = Change(change.target, change.patch, change.remove, api_version=change.api_version)
        try:
            item = self.decode(applied(raw_of(old) if old is not None else None, wished))
            if old is None:
                twin.create(item, "planned")
            else:
                twin.update(replace(item, metadata=kept(item, old)), "planned")
        except RejectedError as error:
            return [Refusal(f"{change.target}: {'; '.join((error.message, *error.causes))}", change.target)]
        return []

    def _homes(self, twin: Observed) -> Mapping[Ref, str]:
        found: dict[Ref, str] = {}
        for ref, refusal in sorted(waiting(twin).items()):
            pod = twin.state.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
            found[home(twin.state, self.board.owners, pod) if pod is not None else topmost(twin.state.find, ref)] = (
                refusal.message
            )
        return found

    def _newly_waiting(self, twin: Observed) -> list[Refusal]:
        return [Refusal(f"{ref}: {text}", ref) for ref, text in self._homes(twin).items() if ref not in self._waiting]

    def _newly_barred(self, twin: Observed) -> list[Refusal]:
        """Where policies and Services are as they were, so are the ways."""
        kinds: tuple[type[KubeObject], ...] = (NetworkPolicy, Service)
        if all(list(twin.state.all(kind)) == list(self.base.state.all(kind)) for kind in kinds):
            return []
        network = Network(twin.state)
        found = []
        for workload, call in self._calls:
            barred = self._bar(network, workload, call)
            if barred:
                text = f"{workload} no longer reaches {call[0]}:{call[1]}: {barred[0].verdict}"
                found.append(Refusal(text, barred[0].decides.object if barred[0].decides else None))
        return found

    def _bar(self, network: Network, workload: Ref, call: Call) -> tuple[Answer, ...]:
        try:
            answer = reach(network, workload, *call)
        except SourceUnknownError:
            return ()
        return (answer,) if answer.verdict in BARRED else ()

    def _worse(self, after: Outcome) -> list[Refusal]:
        """A service with a smaller share of its intended pods, or a lower score. Hardening may fall where pods appear that were not judged before."""
        found = [
            Refusal(f"service {name} falls from {_shown(old)} to {_shown(after.services.get(name, (0, 0)))} ready pods")
            for name, old in sorted(self.before.services.items())
            if _share(after.services.get(name, (0, 0))) < _share(old)
        ]
        for name in ("health", "running"):
            old, new = self.before.scores.get(name), after.scores.get(name)
            if old is not None and (new is None or new < old - _SAME):
                found.append(Refusal(f"{name} falls from {old} to {new}"))
        return found

    def _drained(self, twin: Observed) -> dict[str, Drained]:
        """Each node by itself, as a person drains it: DaemonSets ignored, local data given up."""
        board = self._board_of(twin)
        return {node.name: self._drain(twin, board, node.name, ()) for node in twin.state.all(Node)}

    def _drain(self, twin: Observed, board: Board, node: str, less: Iterable[Ref]) -> Drained:
        """With these budgets taken away."""
        branch = twin.branch()
        for budget in less:
            branch.delete(budget, force=True)
        watch = Watch(board, branch)
        watch.begin()
        result = drain(branch, node, _DRAIN)
        settle(branch, BOUND)
        watch.look()
        kept = {pod.ref: pod.budget for pod in result.pods if pod.outcome in {"refused", "failed", "waiting"}}
        return Drained(kept, frozenset(item.workload for item in watch.shortages() if not item.recovered))

    def _board_of(self, twin: Observed) -> Board:
        """The pods that are ready in this twin, by the same needs."""
        if twin is self.base:
            return self.board
        ready: dict[tuple[str, str], Ref] = {}
        counts: Counter[Ref] = Counter()
        for pod in twin.state.all(Pod):
            if serves(twin, pod):
                workload = home(twin.state, self.board.owners, pod)
                ready[pod.namespace, pod.name] = workload
                counts[workload] += 1
        return Board(self.board.needs, self.board.owners, ready, dict(counts))

    def _newly_blocked(self, twin: Observed, node: str, drained: Drained) -> tuple[list[Refusal], list[str]]:
        """What a budget holds up that went before. Where the drain takes the service below its need without the budget, the budget does what it is for."""
        before = self._drains.get(node, Drained({}, frozenset()))
        old = {home(self.base.state, self.board.owners, pod) for ref in before.kept if (pod := _pod(self.base, ref))}
        budgets = {budget for budget in drained.kept.values() if budget is not None} - set(before.kept.values())
        short = self._drain(twin, self._board_of(twin), node, sorted(budgets)).short if budgets else frozenset()
        blocked: list[Refusal] = []
        notes: list[str] = []
        for ref, budget in drained.kept.items():
            pod = _pod(twin, ref)
            workload = home(twin.state, self.board.owners, pod) if pod is not None else ref
            if workload in old:
                continue
            text = f"a drain of node {node} stops at {ref}"
            if workload in short and budget is not None:
                notes.append(f"{text}: {budget} keeps what {workload} needs to serve, and which the drain would take")
            else:
                blocked.append(Refusal(f"{text} ({budget or 'it does not end'})", budget))
        return blocked, notes


def _pod(twin: Observed, ref: Ref) -> Pod | None:
    return twin.state.get(Pod, ref.namespace, ref.name)


def accepted(rehearser: Stage, order: Sequence[Sequence[Planned]]) -> tuple[list[Planned], dict[str, tuple[str, ...]], Trial]:  # fmt: skip
    """The writes that can be made together, and why others cannot. What a refusal lies with is left out at once; where that cannot be told, halves are tried, down to the single write."""
    kept: list[Planned] = []
    refused: dict[str, tuple[str, ...]] = {}
    place = {change.id: number for number, wave in enumerate(order) for change in wave}

    def waves(changes: Iterable[Planned]) -> list[list[Planned]]:
        found: dict[int, list[Planned]] = {}
        for change in changes:
            found.setdefault(place[change.id], []).append(change)
        return [found[number] for number in sorted(found)]

    def add(changes: Sequence[Planned]) -> Trial | None:
        """The trial of what was kept then; None where nothing was added."""
        trial = rehearser.played(waves([*kept, *changes]))
        if not trial.refusals:
            kept.extend(changes)
            return trial
        told = {item.culprit: item.text for item in reversed(trial.refusals) if item.culprit is not None}
        guilty = [change for change in changes if change.target in told]
        if len(changes) == 1 or (guilty and len(told) >= len({item.culprit for item in trial.refusals})):
            for change in guilty or changes:
                own = [item.text for item in trial.refusals if item.culprit in {change.target, None}]
                refused[change.id] = tuple(own or [item.text for item in trial.refusals])
            rest = [change for change in changes if change.id not in refused]
            return add(rest) if rest else None
        middle = len(changes) // 2
        first, second = add(changes[:middle]), add(changes[middle:])
        return second or first

    everything = [change for wave in order for change in wave]
    last = add(everything) if everything else None
    return kept, refused, last or rehearser.played(waves(kept))


def _share(counts: tuple[int | None, int | None]) -> float:
    ready, intended = counts
    return 1.0 if not intended else min((ready or 0) / intended, 1.0)


def _shown(counts: tuple[int | None, int | None]) -> str:
    return f"{counts[0]} of {counts[1]}"
