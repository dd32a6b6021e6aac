"""What controllers wait for on the twin's clock."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import datetime

from seakeep.model.refs import Ref
from seakeep.twin.moments import LATEST

# A controller's name, and the object that it is to look at.
Look = tuple[str, Ref]


class Timers:
    """Looks that are due at a moment. One that is `idle` goes on for ever, as the next restart in a crash loop: nobody waits for it to end."""

    __slots__ = ("_heap", "_ticket", "awaited", "foreground")

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Look]] = []
        self.awaited: dict[Ref, Mapping[str, Mapping[datetime, bool]]] = {}
        """By object and controller: when, and whether that is idle. To be read."""
        self._ticket = 0
        self.foreground = 0
        """Those that are not idle."""

    def branch(self) -> Timers:
        other = Timers()
        other._heap, other.awaited = list(self._heap), dict(self.awaited)
        other._ticket, other.foreground = self._ticket, self.foreground
        return other

    def add(self, look: Look, due: datetime, *, idle: bool) -> None:
        """Beyond the calendar is never. The same moment twice is idle only where it was both times."""
        if due >= LATEST:
            return
        name, ref = look
        names = self.awaited.get(ref, {})
        waits = names.get(name, {})
        known = waits.get(due)
        idle = idle and known is not False
        # New ones each time: branches share the old.
        self.awaited[ref] = {**names, name: {**waits, due: idle}}
        self.foreground += (not idle) - (known is False)
        if known is None:
            self._ticket += 1
            heapq.heappush(self._heap, (due, self._ticket, look))

    def forget(self, look: Look) -> None:
        """All that is awaited of it."""
        self.foreground -= sum(not idle for idle in self._take(look).values())

    def _take(self, look: Look) -> Mapping[datetime, bool]:
        name, ref = look
        names = self.awaited.get(ref, {})
        waits = names.get(name)
        if waits is None:
            return {}
        if len(names) == 1:
            del self.awaited[ref]
        else:
            self.awaited[ref] = {other: kept for other, kept in names.items() if other != name}
        return waits

    def next(self) -> datetime | None:
        """When the next is due that is still waited for."""
        while self._heap:
            due, _, (name, ref) = self._heap[0]
            if due in self.awaited.get(ref, {}).get(name, ()):
                return due
            heapq.heappop(self._heap)
        return None

    def pop(self, until: datetime) -> Look | None:
        """The next that is due by then, in the order in which they were asked for; None where there is none."""
        due = self.next()
        if due is None or due > until:
            return None
        _, _, look = heapq.heappop(self._heap)
        waits = dict(self._take(look))
        self.foreground -= not waits.pop(due)
        if waits:
            name, ref = look
            self.awaited[ref] = {**self.awaited.get(ref, {}), name: waits}
        return look
