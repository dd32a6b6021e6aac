"""The machine against a world that fails at random: every run ends in done, refused, rolled back, failed with nothing half undone, or stopped and then resumed; never in between."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seakeep.adapters.decode import from_mapping
from seakeep.engine.apply import Machine, Options
from seakeep.engine.apply.twin import TwinDriver
from seakeep.model.commands import (
    Action,
    Answered,
    Ask,
    Command,
    Event,
    Failed,
    Observe,
    Read,
    Record,
    Renew,
    Score,
    Why,
    Write,
    Written,
)
from seakeep.model.plan import Plan
from seakeep.model.refs import Ref
from seakeep.model.run import RunState
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.apply.drive import Crash, Memory, drive
from tests.apply.plans import change, content, deployment, large, objects, plan
from tests.twin.builders import node, snapshot

RUN = "run-1"
OPTIONS = Options(poll=5.0, side_by_side=3, tries=3)
_ENDS = {RunState.DONE, RunState.ROLLED_BACK}


def small() -> tuple[Observed, Plan]:
    twin = build(snapshot([node("a", cpu="8"), *objects(each=3)]))
    twin.settle()
    return twin, large(msgspec.structs.replace(twin.snapshot, objects=twin.state.objects()), each=3)


WORLD, PLAN = small()
START = content(WORLD)


def _end() -> dict[str, object]:
    twin = WORLD.branch()
    machine = Machine(PLAN, RUN, options=OPTIONS)
    drive(machine, TwinDriver(twin, from_mapping), Memory())
    assert machine.state is RunState.DONE
    return content(twin)


END = _end()

# What may go wrong with a command, by its number: `done` says whether the world did what was asked before the answer was lost.
_FAULTS = st.sampled_from(
    [
        ("lost", True), ("lost", False), ("server", True), ("server", False), ("busy", False), ("unreachable", False),
        ("unauthorized", False), ("lease", False), ("journal", False), ("crash", True), ("crash", False),
        ("rejected", False), ("forbidden", False), ("conflict", False), ("moved", False),
    ]
)  # fmt: skip
_FOR_WRITES = {"rejected", "forbidden", "conflict", "moved"}


@dataclass
class Unruly:
    """A twin whose answers go wrong at the numbers given. Reads and writes that fail for good do so for one command only."""

    twin: TwinDriver
    faults: dict[int, tuple[str, bool]]
    journal: Memory
    number: int = 0
    written: Counter[str] = field(default_factory=Counter)

    def carry_out(self, command: Command) -> Event:
        self.number += 1
        kind, done = self.faults.pop(self.number, ("", True))
        if kind == "crash" and not done:
            raise Crash
        if kind in {"", "crash"} or not self._applies(kind, command):
            event = self._really(command)
            if kind == "crash":
                raise Crash
            return event
        if done and kind in {"lost", "server"}:
            self._really(command)
        return Failed(Why(kind), f"{kind} at {self.number}", ("somebody",) if kind == "conflict" else ())

    def _applies(self, kind: str, command: Command) -> bool:
        match command:
            case Record():
                return kind == "journal"
            case Renew():
                return kind in {"lease", "busy", "unauthorized", "unreachable"}
            case Write():
                return kind in {"lost", "server", "busy", "unreachable", "unauthorized"} | _FOR_WRITES
            case Read() | Observe() | Score():
                return kind in {"server", "busy", "unreachable", "unauthorized"}
        return False

    def _really(self, command: Command) -> Event:
        if isinstance(command, Record):
            return self.journal.record(command)
        event = self.twin.carry_out(command)
        if isinstance(command, Write) and not command.dry and isinstance(event, Written):
            self.written[f"{command.action} {command.target}"] += 1
        return event


def _play(machine: Machine, unruly: Unruly) -> None:
    commands = machine.start()
    while commands:
        commands = machine.step([unruly.carry_out(command) for command in commands])


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(faults=st.dictionaries(st.integers(1, 150), _FAULTS, max_size=8), back=st.booleans())
@example(faults={76: ("rejected", False), 92: ("rejected", False)}, back=False)
def test_never_in_between(faults: dict[int, tuple[str, bool]], back: bool) -> None:
    twin = WORLD.branch()
    journal = Memory()
    unruly = Unruly(TwinDriver(twin, from_mapping), dict(faults), journal)
    machine = Machine(PLAN, RUN, options=OPTIONS)
    for attempt in range(12):
        machine = Machine(PLAN, RUN, journal.entries, OPTIONS, "asked" if back and attempt > 2 else "")
        try:
            _play(machine, unruly)
        except Crash:
            continue
        if machine.state in _ENDS:
            break
        assert machine.message
        if machine.state is RunState.REFUSED:
            assert content(twin) == START
            return
    assert machine.state in _ENDS, machine.message
    assert content(twin) == (END if machine.state is RunState.DONE else START)
    assert all(count == 1 for count in unruly.written.values()), unruly.written


@pytest.mark.parametrize(
    "why", [Why.REJECTED, Why.FORBIDDEN, Why.CONFLICT, Why.GONE]
)  # what trying again does not mend
def test_a_change_that_cannot_be_made_takes_the_others_back(why: Why) -> None:
    twin = WORLD.branch()

    class One(TwinDriver):
        def carry_out(self, command: Command) -> Event:
            if isinstance(command, Write) and not command.dry and command.target.name == "app-02":
                return Failed(why, "no", ("somebody",))
            return super().carry_out(command)

    machine, journal = Machine(PLAN, RUN, options=OPTIONS), Memory()
    drive(machine, One(twin, from_mapping), journal)
    assert machine.state is RunState.ROLLED_BACK
    assert "app-02" in machine.message
    assert content(twin) == START


def test_a_full_disk_stops_before_anything_is_sent() -> None:
    for room in range(12):
        twin = WORLD.branch()
        journal = Memory(full_at=room)
        machine = Machine(PLAN, RUN, options=OPTIONS)
        sent: list[Command] = []
        drive(
            machine, TwinDriver(twin, from_mapping), journal,
            before=lambda _, command, sent=sent: sent.append(command) if isinstance(command, Write) and not command.dry else None,
        )  # fmt: skip
        announced = {entry.change for entry in journal.entries if entry.kind == "announced"}
        assert machine.state is RunState.STOPPED
        assert "the journal cannot be written" in machine.message
        assert len(sent) <= len(announced)
        journal.full_at = None
        again = Machine(PLAN, RUN, journal.entries, OPTIONS)
        drive(again, TwinDriver(twin, from_mapping), journal)
        assert again.state is RunState.DONE
        assert content(twin) == END


def test_a_field_that_somebody_changed_since_is_not_rolled_back() -> None:
    twin = WORLD.branch()
    driver, journal = TwinDriver(twin, from_mapping), Memory()
    drive(Machine(PLAN, RUN, options=OPTIONS), driver, journal)
    item = next(change for change in PLAN.changes if change.target.name == "config-01")
    drive_write = Write(
        "apply",
        item.target,
        "v1",
        {"data": {"level": "trace"}},  # type: ignore[arg-type]
    )
    assert isinstance(driver.carry_out(drive_write), Written)
    before = content(twin)
    machine = Machine(PLAN, RUN, journal.entries, OPTIONS, "asked")
    drive(machine, driver, journal)
    assert machine.state is RunState.FAILED
    assert (
        'data.level of ConfigMap shop/config-01 was changed since by somebody ("trace", not "debug")' in machine.message
    )
    assert content(twin) == before
    forced = Machine(PLAN, RUN, journal.entries, Options(poll=5.0, undo_over_others=True), "asked")
    drive(forced, driver, journal)
    assert forced.state is RunState.ROLLED_BACK
    assert content(twin) == START


@pytest.mark.parametrize(
    ("theirs", "state"),
    [
        ({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}}, RunState.ROLLED_BACK),
        ({"spec": {"minReadySeconds": 1}}, RunState.DONE),
    ],
)
def test_what_somebody_changes_meanwhile_matters_where_the_change_is_about_it(
    theirs: dict[str, Any], state: RunState
) -> None:
    twin, journal = WORLD.branch(), Memory()
    driver, app = TwinDriver(twin, from_mapping), Ref("Deployment", "shop", "app-02")
    drive(Machine(PLAN, RUN, options=Options(poll=5.0, pause_after="2")), driver, journal)
    assert isinstance(driver.carry_out(Write(Action.APPLY, app, "apps/v1", theirs)), Written)
    machine = Machine(PLAN, RUN, journal.entries, OPTIONS)
    drive(machine, driver, journal)
    assert machine.state is state
    assert (f"somebody changed the fields of {app}" in machine.message) == (state is RunState.ROLLED_BACK)


def test_pause_and_approval() -> None:
    twin, journal = WORLD.branch(), Memory()
    driver = TwinDriver(twin, from_mapping)
    machine = Machine(PLAN, RUN, options=Options(poll=5.0, pause_after="2"))
    drive(machine, driver, journal)
    assert (machine.state, machine.message) == (RunState.PAUSED, "after wave 2 (repaired workloads), as asked")
    machine = Machine(PLAN, RUN, journal.entries, OPTIONS)
    drive(machine, driver, journal)
    assert machine.state is RunState.DONE
    assert content(twin) == END


def test_what_the_plan_makes_itself_is_judged_when_it_is_there() -> None:
    """The dry run of an object in a namespace that an earlier wave makes is no refusal; the way back ends with the namespace."""
    twin, journal = WORLD.branch(), Memory()
    seen = msgspec.structs.replace(twin.snapshot, objects=twin.state.objects())
    place = change(seen, Ref("Namespace", "", "new"), {"metadata": {"labels": {"team": "data"}}})
    inside = change(seen, Ref("ConfigMap", "new", "settings"), {"data": {"a": "b"}})
    made = plan(seen, [("namespaces", [place]), ("configuration", [inside])])
    driver = TwinDriver(twin, from_mapping)
    machine = Machine(made, RUN, options=OPTIONS)
    drive(machine, driver, journal)
    assert (machine.state, machine.message) == (RunState.DONE, "")
    assert twin.state.find(Ref("ConfigMap", "new", "settings")) is not None
    back = Machine(made, RUN, journal.entries, OPTIONS, "asked")
    drive(back, driver, journal)
    assert back.state is RunState.ROLLED_BACK
    assert twin.state.find(Ref("ConfigMap", "new", "settings")) is None
    assert twin.state.find(Ref("Namespace", "", "new")) is None
    alone = Machine(plan(seen, [("configuration", [inside])]), "run-2", options=OPTIONS)
    drive(alone, driver, Memory())
    assert alone.state is RunState.REFUSED
    assert "not found" in alone.message


def test_each_wave_waits_for_approval_and_is_asked_about_once() -> None:
    twin, journal = WORLD.branch(), Memory()
    asked: list[str] = []

    class Reluctant(TwinDriver):
        def carry_out(self, command: Command) -> Event:
            if isinstance(command, Ask):
                asked.append(command.wave)
                return Answered(None if len(asked) == 2 else True)  # nobody is there the second time
            return super().carry_out(command)

    driver, wanted = Reluctant(twin, from_mapping), Options(poll=5.0, approve=True)
    machine = Machine(PLAN, RUN, options=wanted)
    drive(machine, driver, journal)
    assert (machine.state, machine.message) == (RunState.PAUSED, "wave 2 (repaired workloads) waits for approval")
    assert {entry.wave for entry in journal.entries if entry.kind == "announced"} == {"1"}
    machine = Machine(PLAN, RUN, journal.entries, wanted)
    drive(machine, driver, journal)
    assert machine.state is RunState.DONE
    assert asked == ["1 (configuration)", *["2 (repaired workloads)"] * 2, "3 (workloads)", "4 (policies)"]
    assert content(twin) == END


@pytest.mark.parametrize("wanted", [Options(poll=5.0, unwell_patience=60.0), Options(poll=5.0, gate_timeout=60.0)])
def test_what_was_unwell_before_need_not_get_well_but_not_worse(wanted: Options) -> None:
    """A Deployment whose pods have no room before and after: its wave passes once its patience is spent, and that is no longer than the gate's."""
    sick = deployment("sick", "shop")
    sick["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "64"
    twin = build(snapshot([node("a", cpu="8"), *objects(each=1), sick]))
    twin.settle()
    seen = msgspec.structs.replace(twin.snapshot, objects=twin.state.objects())
    patch = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 45}}}}
    made = plan(seen, [("w", [change(seen, Ref("Deployment", "shop", "sick"), patch, api_version="apps/v1")])])
    journal = Memory()
    machine = Machine(made, RUN, options=wanted)
    started = twin.now
    drive(machine, TwinDriver(twin, from_mapping), journal)
    assert (machine.state, machine.message) == (RunState.DONE, "")
    assert 60 <= (twin.now - started).total_seconds() <= 90


def test_a_wave_that_does_not_get_well_is_taken_back() -> None:
    """A container that no node has room for: the new pod never starts."""
    twin, journal = WORLD.branch(), Memory()
    seen = msgspec.structs.replace(twin.snapshot, objects=twin.state.objects())
    patch = {
        "spec": {"template": {"spec": {"containers": [{"name": "main", "resources": {"requests": {"cpu": "64"}}}]}}}
    }
    wide = plan(seen, [("w", [change(seen, Ref("Deployment", "shop", "app-00"), patch, api_version="apps/v1")])])
    machine = Machine(wide, RUN, options=Options(poll=5.0, gate_timeout=60.0))
    drive(machine, TwinDriver(twin, from_mapping), journal)
    assert machine.state is RunState.ROLLED_BACK
    assert "wave w did not get well within 60 s" in machine.message
    assert "old pods are left" in machine.message or "pods are" in machine.message
    assert content(twin) == START
