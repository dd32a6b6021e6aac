"""A scenario on the twin and on a real control plane, step by step, and where the two differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.app.reading import Reading
from seakeep.app.real_engine import RealEngine, Seen
from seakeep.app.rehearse_base import Base
from seakeep.engine.compare import Told, compare, placeable, ready_of, told, waiting_of
from seakeep.engine.play import changed_by, waiting
from seakeep.engine.rehearse import play
from seakeep.engine.watch import Watch
from seakeep.model.comparison import Compared, Comparison
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Played
from seakeep.model.scenario import Scenario
from seakeep.twin.kubelet.faults import recorded
from seakeep.twin.state import State


def on_real(base: Base, scenario: Scenario, engine: RealEngine, progress: Callable[[str], None]) -> Comparison:
    """`base` is of a twin without applications: KWOK's pods know nothing of each other. Raises EngineMissingError."""
    twin, owners = base.twin.branch(), base.board.owners
    ours: list[tuple[Played, Told]] = []

    def done(played: Played, watch: Watch) -> None:
        ours.append((played, told(twin.state, owners, watch.counts, played.refusals)))

    before = told(base.twin.state, owners, base.board.counts, waiting(base.twin).values())
    play(twin, base.board, scenario, from_mapping, lambda _: None, done, Reading(base.snapshot))
    with engine.open(base.snapshot, tuple(recorded(base.snapshot)), progress) as run:
        real = _Real(owners)
        start = run.look()
        first = compare("before", before, real.first(start), start.seconds, settled=start.settled)
        apart = {item.object for item in first.differences}
        steps: list[Compared] = []
        for step, (played, mine) in zip(scenario.steps, ours, strict=True):
            progress(f"Playing {step.text} on {run.name}")
            seen = run.play(step, played.until - played.at)
            theirs = real.after(seen, changed_by(step, from_mapping))
            full = any(item.order for item in steps)
            steps.append(compare(step.text, mine, theirs, seen.seconds, apart, settled=seen.settled, full=full))
        return Comparison(run.name, first, tuple(steps), run.left_out)


class _Real:
    """As in a rehearsal on the twin, what waited before is not blamed on a step that does not change it."""

    def __init__(self, owners: dict[Ref, Ref]) -> None:
        self._owners = owners
        self._known: set[Ref] = set()

    def first(self, seen: Seen) -> Told:
        return self.after(seen, lambda _: False)

    def after(self, seen: Seen, changed: Callable[[Ref], bool]) -> Told:
        state = _state(seen)
        waits = told(state, self._owners, {}, waiting_of(state).values()).decisions
        fresh = {key: count for key, count in waits.items() if key[1] not in self._known or changed(key[1])}
        self._known |= {key[1] for key in waits}
        asked = told(state, self._owners, ready_of(state, self._owners), seen.refusals)
        return replace(asked, decisions={**asked.decisions, **fresh}, placeable=placeable(state, self._owners))


def _state(seen: Seen) -> State:
    assembly = Assembly("the real control plane")
    for item in seen.objects:
        assembly.add_raw(dict(item))
    return State(assembly.snapshot().objects)
