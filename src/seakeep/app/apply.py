"""Apply, resume and roll back: the machine, a driver and the journal in one loop."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Protocol

import msgspec

from seakeep.adapters import redact
from seakeep.adapters.decode import from_mapping
from seakeep.adapters.errors import SeakeepError
from seakeep.adapters.journal import Journal, JournalError
from seakeep.adapters.journal.database import SQLite
from seakeep.app.judged import Judged
from seakeep.app.plan import shown
from seakeep.app.rehearse_base import prepare
from seakeep.engine.apply import Machine, Options
from seakeep.engine.apply.account import account
from seakeep.engine.apply.calls import Calls, known_calls
from seakeep.engine.apply.looking import looking
from seakeep.engine.apply.twin import TwinDriver
from seakeep.facts.index import Index
from seakeep.model.commands import Command, Condition, Event, Failed, Observed, Ok, Record, Scored, Why
from seakeep.model.objects import Namespace
from seakeep.model.plan import Plan
from seakeep.model.platform import Intent
from seakeep.model.run import Entry, Run, RunState, Step
from seakeep.model.snapshot import Snapshot
from seakeep.render.run.text import DRY
from seakeep.twin.network.base import Sight
from seakeep.twin.state import State

__all__ = [
    "DRY",
    "cluster_of",
    "hiding",
    "new_run",
    "objections",
    "of_manifests",
    "on_twin",
    "read_run",
    "refused",
    "rehearse_run",
    "run",
    "scores",
    "seen_on_twin",
]

Say = Callable[[str], None]
_WORKERS = 8
_LINE = 200
# Seconds that a gate waits before it is said, again and again, what for. On a twin that is no time.
_EVERY = 10.0
# Seconds until what is repaired has been started again: a crash loop's back-off ends at five minutes.
_REST = 600.0


class Driver(Protocol):
    def carry_out(self, command: Command) -> Event: ...


def new_run(plan: Plan, now: datetime) -> str:
    return f"{now:%Y%m%d-%H%M%S}-{plan.id[:6]}{secrets.token_hex(2)}"


def of_manifests(plan: Plan) -> bool:
    """No cluster has given its objects their uids: nothing ties the plan to one."""
    return any(change.base.exists and not change.base.uid for change in plan.changes)


def objections(plan: Plan, cluster: str) -> str:
    """What no machine need be started for."""
    if plan.rehearsal.verdict == "refused":
        return f"its rehearsal was refused: {'; '.join(plan.rehearsal.refusals) or 'see the plan'}"
    if plan.cluster and cluster and plan.cluster != cluster:
        name = plan.source.removeprefix("cluster ")
        return (
            f"it was made for another cluster, {name} (the uid of namespace kube-system differs): choose its --context"
        )
    if of_manifests(plan):
        return "it was made from manifests, and not from this cluster: put what `seakeep plan --write` makes of it into Git, or plan for the cluster itself: seakeep plan --out plan.yaml"
    for change in plan.changes:
        if redact.MASK in msgspec.json.encode(change.patch).decode():
            return f"{change.id} would write a masked value ({redact.MASK}): put the real one there, or take the change out"
    return ""


class Recorder:
    """Between the machine and the world: entries go to the journal, all else to the driver. What is going on is said, and what a gate waits for."""

    def __init__(
        self,
        journal: Journal,
        run: str,
        driver: Driver,
        say: Say,
        plan: Plan,
        every: float = math.inf,
        *,
        begun: bool = False,
    ) -> None:
        self._journal, self._run, self._driver, self._say = journal, run, driver, say
        self._waves = tuple(wave.name for wave in plan.waves)
        self._every = every
        self._since: float | None = None  # by the driver's clock
        self._said = 0.0
        self._judged = begun

    def carry_out(self, command: Command) -> Event:
        if not isinstance(command, Record):
            event = self._driver.carry_out(command)
            if isinstance(event, Observed):
                self._waits(event)
            return event
        try:
            self._journal.append(self._run, command.entries, datetime.now(UTC))
        except JournalError as error:
            return Failed(Why.JOURNAL, str(error))
        for entry in command.entries:
            self._since = None if entry.kind == "wave" else self._since
            self._judged = self._judged or (entry.kind == "state" and entry.state != RunState.PREPARING)
            text = told(entry, self._waves)
            # What is in the way before anything is written is the answer.
            if text and (self._judged or entry.kind != "outcome"):
                self._say(text)
        return Ok()

    def _waits(self, seen: Observed) -> None:
        """A gate may take minutes."""
        behind = [item for item in seen.objects if item.status is not Condition.CURRENT]
        if self._since is None:
            self._since = self._said = seen.at
        if behind and seen.at - self._said >= self._every:
            self._said = seen.at
            first = f"{behind[0].object}: {behind[0].message or behind[0].status}"
            more = f", and {len(behind) - 1} more" if len(behind) > 1 else ""
            self._say(f"  waiting {seen.at - self._since:.0f} s for {first[:_LINE]}{more}")


def play(machine: Machine, recorder: Recorder) -> None:
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="seakeep-write") as pool:
        commands = machine.start()
        while commands:
            if len(commands) == 1:
                events = [recorder.carry_out(commands[0])]
            else:
                events = list(pool.map(recorder.carry_out, commands))
            commands = machine.step(events)


def run(
    plan: Plan, name: str, journal: Journal, driver: Driver, options: Options, cluster: str, say: Say, undo: str = ""
) -> Run:
    """Begins the run, or goes on with it where the journal knows it. Raises JournalError."""
    with journal.alone(name):
        known = any(row.id == name for row in journal.runs())
        if not known:
            journal.begin(name, plan, cluster, datetime.now(UTC))
        # As the journal gives it back, which sorts what the plan file need not: what is compared after a resume is then what was written down before.
        plan = journal.run(name).plan
        entries = [item.entry for item in journal.entries(name)]
        machine = Machine(plan, name, entries, options, undo)
        play(machine, Recorder(journal, name, driver, say, plan, _EVERY, begun=bool(entries)))
    found = read_run(journal, name)
    # Where the journal could not take the end, the machine still knows it.
    return msgspec.structs.replace(found, state=machine.state, message=machine.message)


def rehearse_run(plan: Plan, driver: Driver, options: Options, say: Say) -> Run:
    """The same, on a driver that writes nothing, with a journal that ends with it."""
    begun = datetime.now(UTC)
    journal = Journal(SQLite(":memory:"))
    journal.begin(DRY, plan, plan.cluster, begun)
    machine = Machine(plan, DRY, (), options)
    play(machine, Recorder(journal, DRY, driver, say, plan))
    return read_run(journal, DRY)


def read_run(journal: Journal, name: str) -> Run:
    row = journal.run(name)
    return account(row.id, row.plan, row.cluster, row.at, journal.entries(name))


def told(entry: Entry, waves: Sequence[str]) -> str:
    """One line of progress; of states only those behind which the run goes on: the others are the answer."""
    match entry.kind:
        case "wave":
            return f"wave {entry.wave} of {len(waves)} ({waves[int(entry.wave) - 1]}): {entry.state}"
        case "outcome":
            return f"  {entry.change} {entry.state}{f': {entry.message}' if entry.message else ''}"
        case "state" if entry.state == RunState.ROLLING_BACK:
            return f"rolling back: {entry.message[:_LINE]}"
        case "checked":
            return "checked: the state is the plan's, and the server accepts every write"
    return ""


def refused(plan: Plan, name: str, reason: str) -> Run:
    """Not begun: the journal has nothing of it."""
    steps = tuple(Step(change.id, wave.name, "waiting", None) for wave in plan.waves for change in wave.changes)
    return Run(name, plan, plan.cluster, RunState.REFUSED, reason, None, None, steps)


def hiding(options: Options) -> Options:
    """The journal keeps no secrets: values to go back to are masked as snapshots are."""
    return replace(options, secret=_masked, mask=redact.MASK)


def _masked(back: Mapping[str, Any]) -> dict[str, Any]:
    return {**back, "patch": redact.fields(back["patch"])} if back.get("patch") else dict(back)


def scores(observe: Callable[[], Snapshot], intent: Intent, today: date) -> Scored:
    """Of the cluster now; nothing where it could not be observed, which is no reason to stop."""
    try:
        found = observe()
    except SeakeepError:
        return Scored()
    outcome = Judged(found, intent, today).seen(found)
    calls = Calls(known_calls(Index(found)), Sight.of(found))
    return Scored(outcome.scores, outcome.services, calls.told(State(found.objects, found.is_absent)))


def cluster_of(snapshot: Snapshot) -> str:
    found = snapshot.get(Namespace, "", "kube-system")
    return found.metadata.uid if found is not None else ""


def on_twin(plan: Plan, snapshot: Snapshot, intent: Intent, today: date, options: Options, say: Say) -> Run:
    """The whole run on a twin of the cluster as it is."""
    return seen_on_twin(plan, snapshot, intent, today, options, say)[0]


def seen_on_twin(
    plan: Plan, snapshot: Snapshot, intent: Intent, today: date, options: Options, say: Say
) -> tuple[Run, Snapshot, Snapshot]:
    """The same, with what the twin shows before and after."""
    base = prepare(snapshot, intent, today, say, diagnosed=True)
    twin, before = base.twin, shown(snapshot, base.twin)
    calls = Calls(known_calls(Index(snapshot)))
    look = looking(Judged(snapshot, intent, today).twin, calls)
    run = rehearse_run(plan, TwinDriver(twin, from_mapping, look, snapshot), options, say)
    twin.settle(_REST)
    return run, before, shown(snapshot, twin)
