"""What the journal says was done: the machine's memory, the same after a crash as before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seakeep.model.run import Entry, RunState


@dataclass
class Sent:
    """A change that was announced, and may have been written. `back` leads back; `wrote` holds the values that it set, by path."""

    change: str
    back: Mapping[str, Any]
    wrote: Mapping[str, Any]
    uid: str = ""
    applied: bool | None = None  # None: announced, and no outcome
    undoing: bool = False
    undone: bool = False


@dataclass
class Ledger:
    state: RunState = RunState.PREPARING
    message: str = ""
    begun: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)
    """With what the run was begun, or gone on with last; nothing in journals of before."""
    back: str | None = None
    """Why a rollback has begun: however it was stopped, there is no way forward from there."""
    checked: Mapping[str, Any] | None = None
    sent: dict[str, Sent] = field(default_factory=dict)
    waves: dict[str, Entry] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Ledger:
        found = cls()
        for entry in entries:
            found.add(entry)
        return found

    def add(self, entry: Entry) -> None:
        match entry.kind:
            case "begun" | "resumed":
                self.begun = True
                self.told = {name: value for name, value in entry.data.items() if name != "plan"}
            case "checked":
                self.checked = entry.data
            case "announced":
                self._announced(entry)
            case "outcome":
                self._outcome(entry)
            case "wave":
                known = self.waves.get(entry.wave)
                # What the objects were like before is told once, when the wave starts.
                data = {**(known.data if known else {}), **entry.data}
                self.waves[entry.wave] = Entry("wave", "", entry.wave, entry.state, entry.message, data)
            case "approved":
                self.approved.add(entry.wave)
            case "state":
                self.state, self.message = RunState(entry.state), entry.message
                if self.state is RunState.ROLLING_BACK:
                    self.back = entry.message

    def _announced(self, entry: Entry) -> None:
        if entry.data["action"] in {"undo", "delete"}:
            self.sent[entry.change].undoing = True
            return
        self.sent[entry.change] = Sent(
            entry.change, entry.data["back"], entry.data["wrote"], str(entry.data.get("uid", ""))
        )

    def _outcome(self, entry: Entry) -> None:
        sent = self.sent.get(entry.change)
        if sent is None:
            return  # refused before it was announced
        if entry.state == "undone":
            sent.undone, sent.undoing = True, False
        elif entry.state == "failed":
            if sent.undoing:
                sent.undoing = False
            else:
                sent.applied = False
        else:
            sent.applied = True
            sent.wrote = entry.data.get("wrote", sent.wrote)
            sent.uid = str(entry.data.get("uid", sent.uid))

    @property
    def to_undo(self) -> list[Sent]:
        """The latest first; what was announced and has no outcome among them."""
        return [item for item in reversed(self.sent.values()) if item.applied is not False and not item.undone]

    def passed(self, wave: str) -> bool:
        entry = self.waves.get(wave)
        return entry is not None and entry.state == "passed"
