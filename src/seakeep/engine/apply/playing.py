"""The loop around the machine where nothing waits and nothing is kept: a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from seakeep.engine.apply.machine import Machine
from seakeep.model.commands import Command, Event, Ok, Record
from seakeep.model.run import Entry, Recorded


class Driver(Protocol):
    def carry_out(self, command: Command) -> Event: ...


def play(
    machine: Machine,
    driver: Driver,
    run: str,
    now: Callable[[], datetime],
    say: Callable[[Entry], None] = lambda _: None,
) -> tuple[Recorded, ...]:
    """What a journal would hold, with the driver's own time; without hashes, as nobody can touch it."""
    found: list[Recorded] = []
    commands = machine.start()
    while commands:
        events: list[Event] = []
        for command in commands:
            if not isinstance(command, Record):
                events.append(driver.carry_out(command))
                continue
            for entry in command.entries:
                found.append(Recorded(run, len(found) + 1, now(), entry, ""))
                say(entry)
            events.append(Ok())
        commands = machine.step(events)
    return tuple(found)
