"""What every part of the machine needs: the plan, the ledger, and requests that are tried again where that helps."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from seakeep.engine.apply.ledger import Ledger
from seakeep.engine.apply.options import Options
from seakeep.model.commands import Command, Event, Failed, Record, Renew, Wait, Why
from seakeep.model.plan import Plan
from seakeep.model.run import Entry, RunState

T = TypeVar("T")
Steps = Generator[tuple[Command, ...], tuple[Event, ...], T]

PASSING = frozenset({Why.BUSY, Why.SERVER, Why.LOST, Why.UNREACHABLE})


class Ended(Exception):  # noqa: N818 - an end is not always an error
    """The run ends in this state; `data` is for the journal."""

    def __init__(self, state: RunState, message: str, **data: object) -> None:
        super().__init__(message)
        self.state, self.message, self.data = state, message, data


class Broken(Exception):  # noqa: N818 - caught by the machine, which then rolls back
    """A change or a gate failed: what was written is to be undone. `objects` are those that a gate waited for in vain."""

    def __init__(self, message: str, objects: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.objects = tuple(objects)


class Context:
    def __init__(self, plan: Plan, run: str, ledger: Ledger, options: Options) -> None:
        self.plan, self.run, self.ledger, self.options = plan, run, ledger, options
        self.holds_lease = False
        self.journal_works = True
        # Undos as they are, while this process lives; the journal has them masked.
        self.backs: dict[str, object] = {}

    def record(self, *entries: Entry) -> Steps[None]:
        """In the journal, then in memory. Nothing is sent after a journal that does not take it."""
        if not entries:
            return
        (event,) = yield (Record(entries),)
        if isinstance(event, Failed):
            self.journal_works = False
            raise Ended(RunState.STOPPED, f"the journal cannot be written: {event.message}")
        for entry in entries:
            self.ledger.add(entry)

    def enter(self, state: RunState, message: str = "", **data: object) -> Steps[None]:
        if self.ledger.state is not state or self.ledger.message != message:
            yield from self.record(Entry("state", state=state.value, message=message, data=data))

    def renew(self) -> Steps[None]:
        (event,) = yield from self.reliably([Renew()])
        if isinstance(event, Failed):
            self.holds_lease = False
            raise Ended(RunState.STOPPED, f"the lease is lost: {event.message}")

    def reliably(self, commands: Sequence[Command]) -> Steps[list[Event]]:
        """One event for each, side by side; what does not get through is asked again. For what may be asked twice without harm."""
        found: list[Event] = []
        size = self.options.side_by_side
        for start in range(0, len(commands), size):
            found += yield from self._some(commands[start : start + size])
        return found

    def _some(self, commands: Sequence[Command]) -> Steps[list[Event]]:
        events = list((yield tuple(commands)))
        for attempt in range(1, self.options.tries + 1):
            self.check_access(events)
            again = [place for place, event in enumerate(events) if isinstance(event, Failed) and event.why in PASSING]
            if not again:
                return events
            failed = [event for place in again if isinstance(event := events[place], Failed)]
            if attempt == self.options.tries:
                raise Ended(RunState.STOPPED, f"the API server does not answer as it should: {failed[0].message}")
            yield (Wait(self.pause(attempt, failed)),)
            for place, event in zip(again, (yield tuple(commands[place] for place in again)), strict=True):
                events[place] = event
        return events

    def check_access(self, events: Sequence[Event]) -> None:
        """Credentials that are not accepted any more: nothing else can be done, not even going back."""
        for event in events:
            if isinstance(event, Failed) and event.why is Why.UNAUTHORIZED:
                raise Ended(
                    RunState.STOPPED, f"the API server does not accept the credentials any more: {event.message}"
                )

    def pause(self, attempt: int, failed: Sequence[Failed]) -> float:
        own = min(self.options.backoff * 2.0 ** (attempt - 1), self.options.backoff_most)
        return max(own, *(event.after for event in failed))
