"""The port of a real control plane, on which a rehearsal can be played besides the twin. Who provides one registers it under the entry point `seakeep.engines`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, cast

from seakeep.adapters.errors import UsageError
from seakeep.model.comparison import LeftOut
from seakeep.model.objects import Pod
from seakeep.model.rehearsal import Refusal
from seakeep.model.scenario import Step
from seakeep.model.snapshot import Snapshot
from seakeep.twin.kubelet.faults import Fault

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """The state after a step: `objects` as the API server gives them (pods, their owners, events), `refusals` what the step's own requests met with."""

    objects: Sequence[Mapping[str, Any]]
    refusals: tuple[Refusal, ...]
    settled: bool
    seconds: float


class RealRun(Protocol):
    """A control plane that holds the snapshot's objects."""

    name: str
    left_out: tuple[LeftOut, ...]

    def look(self) -> Seen: ...

    def play(self, step: Step, seconds: float) -> Seen:
        """`seconds` is how long the twin took: what only time brings about is waited for as long."""
        ...


class RealEngine(Protocol):
    def open(
        self, snapshot: Snapshot, faults: Sequence[tuple[Pod, Fault]], say: Say
    ) -> AbstractContextManager[RealRun]:
        """Starts one and restores the snapshot on it. Raises EngineMissingError where that cannot be."""
        ...


class EngineMissingError(UsageError):
    """The engine is not there, or does not start; the hint says what to do."""


def load(name: str) -> RealEngine:
    """Raises EngineMissingError."""
    from importlib.metadata import entry_points

    found = [item for item in entry_points(group="seakeep.engines") if item.name == name]
    if not found:
        raise EngineMissingError(
            f"no engine {name!r} is installed", "It comes with Seakeep: pip install it again, with its entry points."
        )
    try:
        return cast("RealEngine", found[0].load()())
    except ImportError as error:
        raise EngineMissingError(f"the engine {name!r} cannot be loaded: {error}") from error
