"""The loop around the machine, with an end at any moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from seakeep.engine.apply import Machine
from seakeep.model.commands import Command, Event, Failed, Ok, Record, Why
from seakeep.model.run import Entry


class Driver(Protocol):
    def carry_out(self, command: Command) -> Event: ...


class Crash(BaseException):
    """The process is gone."""


class Memory:
    """A journal in memory. `full_at` entries it takes no more, as on a full disk."""

    def __init__(self, entries: Sequence[Entry] = (), full_at: int | None = None) -> None:
        self.entries = list(entries)
        self.full_at = full_at

    def record(self, command: Record) -> Event:
        if self.full_at is not None and len(self.entries) + len(command.entries) > self.full_at:
            return Failed(Why.JOURNAL, "database or disk is full")
        self.entries += command.entries
        return Ok()


def drive(
    machine: Machine,
    driver: Driver,
    journal: Memory,
    before: Callable[[int, Command], None] = lambda _, __: None,
    after: Callable[[int, Command], None] = lambda _, __: None,
) -> None:
    """`before` and `after` see each command by its number, and may raise Crash."""
    number, commands = 0, machine.start()
    while commands:
        events = []
        for command in commands:
            number += 1
            before(number, command)
            events.append(journal.record(command) if isinstance(command, Record) else driver.carry_out(command))
            after(number, command)
        commands = machine.step(events)
