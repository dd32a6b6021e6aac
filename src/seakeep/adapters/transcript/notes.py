"""What was taken from a transcript so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.transcript.commands import Command
from seakeep.adapters.transcript.gathered import Gathered
from seakeep.model.snapshot import Unread


@dataclass(slots=True)
class Notes:
    """`now` is when the transcript was taken."""

    assembly: Assembly
    now: datetime
    gathered: Gathered = field(default_factory=Gathered)
    # The columns that each kind was last shown with.
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def listed(self, command: Command, kinds: tuple[str, ...], scope: str = "") -> None:
        """The command showed all objects of these kinds, unless it asked for some of them only."""
        if command.whole:
            for kind in kinds:
                self.assembly.listed(kind, scope or command.scope)

    def unread(self, kind: str, command: Command, reason: str) -> None:
        self.assembly.unread.append(Unread(kind, command.namespace, reason))
