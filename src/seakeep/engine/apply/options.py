"""What a run may be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Options:
    """Seconds and counts. `secret` masks what must not be kept: the journal holds masked values only."""

    approve: bool = False
    """Ask before each wave."""
    pause_after: str = ""
    """Stop after this wave: its name, or its number from 1."""
    force_conflicts: bool = False
    """Take fields over that other managers own."""
    undo_over_others: bool = False
    """Set fields back although somebody has changed them since. Apart from `force_conflicts`: a rollback that nobody asked for respects what others did meanwhile."""
    rollback_on_failure: bool = True
    gate_timeout: float = 600.0
    """Kubernetes' own progress deadline of a Deployment."""
    unwell_patience: float = 90.0
    """For objects that were unwell before their wave: it may do them good, but need not."""
    settling: float = 180.0
    """After the last wave, for the scores that the rehearsal promised; what is missing then is noted."""
    poll: float = 2.0
    side_by_side: int = 8
    """Writes of a wave at the same time."""
    tries: int = 6
    """Of one request, where the server is busy or silent."""
    backoff: float = 0.5
    """Before the second try; doubled for each one after it."""
    backoff_most: float = 30.0
    secret: Callable[[Any], Any] = _as_it_is
    mask: str = "<redacted>"
    told: Mapping[str, Any] = field(default_factory=dict)
    """What whoever goes on with the run must know, kept in its first entry: `options` of the command line, `namespaces` that alone are read, `otherwise` why scores may not be those foretold."""
