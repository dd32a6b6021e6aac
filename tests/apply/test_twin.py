"""The machine on the twin: forward, back, and again after an end at every moment."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.engine.apply import Machine, Options
from seakeep.engine.apply.twin import TwinDriver
from seakeep.model.commands import Acquire, Command, Event, Record, Release, Write, Written
from seakeep.model.objects import ConfigMap, Deployment
from seakeep.model.plan import Plan
from seakeep.model.run import ENDS, RunState
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.apply.drive import Crash, Memory, drive
from tests.apply.plans import content, large, objects
from tests.twin.builders import node, snapshot

RUN = "run-1"
OPTIONS = Options(poll=5.0)


def world() -> Observed:
    twin = build(snapshot([node("a", cpu="8"), node("b", cpu="8"), *objects()]))
    twin.settle()
    return twin


def plan_of(twin: Observed) -> Plan:
    seen = msgspec.structs.replace(twin.snapshot, objects=twin.state.objects())
    return large(seen)


class Counting(TwinDriver):
    """Counts the writes that went through, by object."""

    def __init__(self, twin: Observed) -> None:
        super().__init__(twin, from_mapping)
        self.writes: Counter[str] = Counter()

    def carry_out(self, command: Command) -> Event:
        event = super().carry_out(command)
        if isinstance(command, Write) and not command.dry and isinstance(event, Written):
            self.writes[str(command.target)] += 1
        return event


def test_forward_and_back() -> None:
    twin = world()
    start = content(twin)
    plan, driver, journal = plan_of(twin), Counting(twin), Memory()
    assert len(plan.changes) >= 40
    machine = Machine(plan, RUN, options=OPTIONS)
    drive(machine, driver, journal)
    assert (machine.state, machine.message) == (RunState.DONE, "")
    assert driver.writes == Counter(str(change.target) for change in plan.changes)
    found = twin.state.get(Deployment, "shop", "app-01")
    assert found is not None
    assert found.metadata.annotations["seakeep.dev/change"] == "Deployment/shop/app-01"
    assert {item.name: item.value for item in found.spec.template.spec.containers[0].env} == {"MODE": "new-1"}
    config = twin.state.get(ConfigMap, "shop", "config-00")
    assert config is not None
    assert config.data == {"kept": "yes", "level": "debug", "new": "1"}

    back = Machine(plan, RUN, journal.entries, OPTIONS, undo="asked")
    drive(back, driver, journal)
    assert (back.state, back.message) == (RunState.ROLLED_BACK, "asked")
    assert content(twin) == start


@pytest.mark.parametrize("undo", ["", "asked"])
def test_what_has_ended_keeps_nobody_waiting_for_its_lease(undo: str) -> None:
    """Whenever the process dies: an end is written down only when the Lease is free again."""
    twin = world()
    plan, journal = plan_of(twin), Memory()
    if undo:
        drive(Machine(plan, RUN, options=OPTIONS), Counting(twin), journal)
    held: list[bool] = []
    ends: list[bool] = []

    def seen(_: int, command: Command) -> None:
        if isinstance(command, Acquire | Release):
            held.append(isinstance(command, Acquire))
        if isinstance(command, Record) and any(item.kind == "state" and item.state in ENDS for item in command.entries):
            ends.append(held[-1])

    drive(Machine(plan, RUN, journal.entries, OPTIONS, undo=undo), Counting(twin), journal, before=seen)
    assert (held, ends) == ([True, False], [False])


def test_a_second_plan_for_the_same_state_is_refused_and_writes_nothing() -> None:
    twin = world()
    plan, driver = plan_of(twin), Counting(twin)
    drive(Machine(plan, RUN, options=OPTIONS), driver, Memory())
    before = content(twin)
    second = Machine(plan, "run-2", options=OPTIONS)
    drive(second, driver, Memory())
    assert second.state is RunState.REFUSED
    assert "has changed since the plan" in second.message
    assert content(twin) == before


@pytest.mark.long
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_step_and_resumed(moment: str) -> None:
    """Before each journal entry and each write, and after it: the same end, and each change written once."""
    base = world()
    plan = plan_of(base)
    whole = base.branch()
    assert isinstance(whole, Observed)
    numbers: list[int] = []
    keep = lambda number, command: numbers.append(number) if isinstance(command, Record | Write) else None  # noqa: E731
    drive(Machine(plan, RUN, options=OPTIONS), Counting(whole), Memory(), before=keep)
    wanted = content(whole)
    assert len(numbers) > 2 * len(plan.changes)
    for place in numbers:
        twin = base.branch()
        driver, journal = Counting(twin), Memory()

        def fatal(number: int, _: Command, place: int = place) -> None:
            if number == place:
                raise Crash

        with pytest.raises(Crash):
            drive(Machine(plan, RUN, options=OPTIONS), driver, journal, **{moment: fatal})
        machine = Machine(plan, RUN, journal.entries, OPTIONS)
        drive(machine, driver, journal)
        assert (machine.state, machine.message) == (RunState.DONE, ""), place
        assert set(driver.writes.values()) == {1}, place
        assert len(driver.writes) == len(plan.changes), place
        assert content(twin) == wanted, place


def test_killed_in_the_rollback_and_resumed() -> None:
    base = world()
    plan, start = plan_of(base), content(base)
    driver, journal = Counting(base), Memory()
    drive(Machine(plan, RUN, options=OPTIONS), driver, journal)
    numbers: list[int] = []
    keep = lambda number, command: numbers.append(number) if isinstance(command, Record | Write) else None  # noqa: E731
    drive(
        Machine(plan, RUN, journal.entries, OPTIONS, undo="asked"), Counting(base.branch()), Memory(journal.entries),
        before=keep,
    )  # fmt: skip
    for place in numbers:
        twin = base.branch()
        driver, memory = Counting(twin), Memory(journal.entries)

        def fatal(number: int, _: Command, place: int = place) -> None:
            if number == place:
                raise Crash

        with pytest.raises(Crash):
            drive(Machine(plan, RUN, memory.entries, OPTIONS, undo="asked"), driver, memory, after=fatal)
        machine = Machine(plan, RUN, memory.entries, OPTIONS, undo="asked")
        drive(machine, driver, memory)
        assert machine.state is RunState.ROLLED_BACK, (place, machine.message)
        assert set(driver.writes.values()) == {1}, place
        assert content(twin) == start, place
