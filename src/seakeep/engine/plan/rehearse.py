"""A plan's run on a branch of the twin, by the machine that applies plans: what it does to the platform, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from seakeep.engine.apart import Apart, one_by_one
from seakeep.engine.apply import Machine, Options
from seakeep.engine.apply.calls import Calls, Known
from seakeep.engine.apply.looking import Judge, looking
from seakeep.engine.apply.playing import play
from seakeep.engine.apply.twin import TwinDriver
from seakeep.engine.beside import beside, failing
from seakeep.engine.plan.draining import Drains, Kept
from seakeep.engine.plan.limits import Standing
from seakeep.engine.plan.surviving import Side, survived, with_survival
from seakeep.engine.play import Decode, waiting
from seakeep.engine.rehearse import settle
from seakeep.engine.watch import Board, home
from seakeep.model.objects import Pod
from seakeep.model.plan import Outcome, Plan, Planned, Survived, Verdict, Wave, identity
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.run import Entry, Recorded, RunState
from seakeep.model.scenario import BOUND
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Outcome as Disrupted
from seakeep.twin.kubelet.faults import root_of
from seakeep.twin.observed import Observed

RUN = "rehearsal"
_SAME = 0.05
# Nobody waits here: the clock is the twin's. What was written stays, so that it can be looked at.
_OPTIONS = Options(rollback_on_failure=False, poll=10.0)
# One change alone: what comes of it is looked at when all has settled, not when its gate opens.
_ALONE = Options(rollback_on_failure=False, gate_timeout=0.0, unwell_patience=0.0)


# The platform that a twin shows.
Survey = Callable[[Observed], Standing]


class Refusal(Struct, frozen=True):
    """What speaks against the writes; `culprit` is the written object that it lies with, where that can be told."""

    text: str
    culprit: Ref | None = None


class Trial(Struct, frozen=True):
    """`refusals` are empty where nothing speaks against the writes; `notes` are what one should know all the same. `recorded` is the run's journal, `twin` what it left."""

    outcome: Outcome
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    twin: Observed | None = None
    drained: Mapping[str, Disrupted] = {}

    @property
    def expected(self) -> Mapping[str, Mapping[str, int]]:
        """The ready pods of each service behind each wave, by the wave's number."""
        passed = [item.entry for item in self.recorded if item.entry.kind == "wave" and item.entry.state == "passed"]
        return {
            entry.wave: {name: count for name, count in entry.data["ready"].items() if count is not None}
            for entry in passed
        }


class Stage(Protocol):
    """What a plan is tried on."""

    before: Outcome

    def played(self, waves: Sequence[Wave]) -> Trial: ...

    def alone(self, changes: Sequence[Planned]) -> Iterable[Outcome]: ...

    def surviving(self, trial: Trial) -> tuple[Outcome, Outcome, Survived | None]: ...


class Rehearser:
    """`base` is a settled twin of `source`; it is left as it is."""

    def __init__(
        self,
        source: Snapshot,
        base: Observed,
        board: Board,
        platform: Platform,
        judge: Judge,
        decode: Decode,
        calls: Iterable[Known] = (),
        survey: Survey | None = None,
        apart: Apart = one_by_one,
    ) -> None:
        """`calls` are what workloads are known to rely on: what gets through before must do so afterwards. Where there is a `survey`, what single nodes cost is told too."""
        self._source, self.base, self.board, self._judge, self._decode = source, base, board, judge, decode
        self._calls = Calls(calls).passing(base.state)
        self.before = judge(base)
        self._waiting = self._homes(base)
        self._failing = failing(base)
        self._drains = Drains(base, board, platform, decode)
        self._checked: dict[str, Entry] = {}
        self._platform, self._survey, self._apart = platform, survey, apart

    def played(self, waves: Sequence[Wave]) -> Trial:
        """With the machine's own checks and gates; then what is left when all has settled, and each node drained."""
        twin = self.base.branch()
        plan = self._plan(waves)
        machine = Machine(plan, RUN, options=_OPTIONS)
        driver = TwinDriver(twin, self._decode, looking(self._judge, self._calls, self.base, self.before), self._source)
        recorded = play(machine, driver, RUN, lambda: twin.now)
        self._remember(recorded, plan)
        unsettled, moving = settle(twin, BOUND)
        after = self._judge(twin)
        refusals = [*_failed(recorded, plan)]
        if unsettled:
            refusals.append(Refusal(f"never settles: {', '.join(str(ref) for ref, _ in moving[:3])}"))
        refusals += self._newly_waiting(twin)
        refusals += self._newly_barred(twin)
        refusals += self._worse(after)
        if machine.state is not RunState.DONE and not refusals:
            refusals += _gates(recorded, plan) or [Refusal(machine.message)]
        if refusals:
            return Trial(after, tuple(refusals), recorded=recorded, twin=twin)
        drained, kept = self._drains.after(twin)
        refusals = [
            Refusal(
                f"a drain of node {item.node} stops at {item.pod} ({item.budget or 'it does not end'})", item.budget
            )
            for item in kept
            if not item.guards
        ]
        return Trial(after, tuple(refusals), tuple(_guarded(kept)), recorded, twin, drained)

    def surviving(self, trial: Trial) -> tuple[Outcome, Outcome, Survived | None]:
        """The scores before and after with that of survival, and what single nodes cost."""
        twin = trial.twin
        if self._survey is None or twin is None:
            return self.before, trial.outcome, None
        standing = self._survey(twin)
        start = replace(standing, platform=self._platform, board=self.board)
        old, new = Side(self.base, start, self._drains.before), Side(twin, standing, trial.drained)
        first, second = old.attempts(self._decode), new.attempts(self._decode)
        outcomes = list(self._apart([*first, *second]))
        before, after = outcomes[: len(first)], outcomes[len(first) :]
        return (
            with_survival(self.before, old.score(before)),
            with_survival(trial.outcome, new.score(after)),
            survived(before, self.board, after, standing),
        )

    def alone(self, changes: Sequence[Planned]) -> Iterable[Outcome]:
        return self._apart([partial(self._alone, change) for change in changes])

    def _alone(self, change: Planned) -> Outcome:
        """One change, checked already with the others, written and settled; no gate goes by the rest of the platform."""
        others = [pod for pod in self._failing if root_of(self.base.state, pod) != change.target]
        return self._judge(beside(self.base, others, partial(self._written, change)))

    def _written(self, change: Planned, twin: Observed) -> Observed:
        plan = self._plan([Wave("alone", (change,))])
        known = [Entry("begun"), self._checked[change.id]] if change.id in self._checked else []
        machine = Machine(plan, RUN, known, _ALONE)
        play(machine, TwinDriver(twin, self._decode, source=self._source), RUN, lambda: twin.now)
        settle(twin, BOUND)
        return twin

    def _plan(self, waves: Sequence[Wave]) -> Plan:
        return Plan(identity("", waves), self._source.source, self._source.taken_at, "", 0.0, tuple(waves), Verdict("fine", Outcome({}), Outcome({})))  # fmt: skip

    def _remember(self, recorded: Sequence[Recorded], plan: Plan) -> None:
        """What the checks before a run found of each change."""
        entry = next((item.entry for item in recorded if item.entry.kind == "checked"), None)
        if entry is None:
            return
        for change in plan.changes:
            parts = {part: {change.id: entry.data[part][change.id]} if change.id in entry.data[part] else {} for part in ("fingerprints", "stored")}  # fmt: skip
            self._checked[change.id] = Entry("checked", data=parts)

    def _homes(self, twin: Observed) -> Mapping[Ref, str]:
        found: dict[Ref, str] = {}
        for ref, refusal in sorted(waiting(twin).items()):
            pod = twin.state.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
            found[home(twin.state, self.board.owners, pod) if pod is not None else twin.state.root(ref)] = (
                refusal.message
            )
        return found

    def _newly_waiting(self, twin: Observed) -> list[Refusal]:
        return [Refusal(f"{ref}: {text}", ref) for ref, text in self._homes(twin).items() if ref not in self._waiting]

    def _newly_barred(self, twin: Observed) -> list[Refusal]:
        return [
            Refusal(
                f"{workload} no longer reaches {call[0]}:{call[1]}: {answer.verdict}",
                answer.decides.object if answer.decides else None,
            )
            for (workload, call), answer in self._calls.barred(twin.state).items()
        ]

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


def _guarded(kept: Sequence[Kept]) -> Iterator[str]:
    """By node and budget: a drain that stops because the budget does what it is for."""
    for node in sorted({item.node for item in kept if item.guards}):
        names = sorted({str(item.workload) for item in kept if item.guards and item.node == node})
        yield f"a drain of node {node} stops where it would take what {', '.join(names)} needs to serve: their budgets keep it"


def _failed(recorded: Sequence[Recorded], plan: Plan) -> Iterator[Refusal]:
    """Writes that the machine or the API server did not let pass."""
    targets = {change.id: change.target for change in plan.changes}
    for item in recorded:
        if item.entry.kind == "outcome" and item.entry.state == "failed":
            yield Refusal(item.entry.message, targets[item.entry.change])


def _gates(recorded: Sequence[Recorded], plan: Plan) -> list[Refusal]:
    """A gate that did not open, by the objects that it waited for."""
    targets = {str(change.target): change.target for change in plan.changes}
    for item in recorded:
        if item.entry.kind == "wave" and item.entry.state == "failed":
            names = item.entry.data.get("objects", ())
            return [Refusal(item.entry.message, targets.get(name)) for name in names] or [Refusal(item.entry.message)]
    return []


def _share(counts: tuple[int | None, int | None]) -> float:
    ready, intended = counts
    return 1.0 if not intended else min((ready or 0) / intended, 1.0)


def _shown(counts: tuple[int | None, int | None]) -> str:
    return f"{counts[0]} of {counts[1]}"
