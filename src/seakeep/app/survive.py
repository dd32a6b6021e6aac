"""Survival: every disruption on a branch of one twin, on as many cores as there are, or on Ray. The order of the outcomes is that of the disruptions, whoever worked them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from seakeep.adapters.decode import from_mapping
from seakeep.app.forked import forked
from seakeep.app.rehearse_base import Base, prepare
from seakeep.engine import survive as engine
from seakeep.model.objects import Node
from seakeep.model.platform import Intent
from seakeep.model.score import Score
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Disruption, Outcome, Survival

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Extent:
    """What is tried. `standard` is what the score is made of; the others come besides."""

    standard: bool = True
    nodes: bool = False
    zones: bool = False
    pairs: bool = False


def survive(
    snapshot: Snapshot,
    intent: Intent,
    today: date,
    *,
    extent: Extent | None = None,
    jobs: int = 0,
    ray: str | None = None,
    progress: Progress = lambda _: None,
) -> Survival:
    """`jobs` 0 means every core; `ray` is the address of a Ray cluster (`auto`, `local`). Unknown where the snapshot shows no nodes."""
    if not snapshot.shows_cluster:
        score = Score("survival", None, engine.FORMULA, coverage=0.0, note="no nodes are shown with what they hold")
        return Survival(snapshot.source, score, (), (), ())
    base = prepare(snapshot, intent, today, progress)
    extent = extent or Extent()
    wanted = disruptions(base, extent)
    if ray is not None:
        from seakeep.app.survive_ray import on_ray

        outcomes = on_ray(snapshot, intent, today, wanted, ray, progress)
    else:
        tasks = [partial(attempt, base, item) for item in wanted]
        outcomes = list(told(forked(tasks, jobs), len(wanted), progress))
    found = engine.survival(
        snapshot.source, base.platform, base.board, outcomes, base.twin.state, scored=extent.standard
    )
    return replace(found, unsettled=base.unsettled)


def disruptions(base: Base, extent: Extent) -> list[Disruption]:
    """Each once, in a fixed order."""
    state = base.twin.state
    found = engine.standard(state, base.board) if extent.standard else []
    if extent.nodes:
        found += [Disruption("loss", (node.name,)) for node in state.all(Node)]
    if extent.zones:
        found += engine.zones(state)
    if extent.pairs:
        found += engine.pairs(state)
    return list(dict.fromkeys(found))


def attempt(base: Base, disruption: Disruption) -> Outcome:
    return engine.attempt(base.twin, base.platform, base.board, disruption, from_mapping)


def told(outcomes: Iterator[Outcome], whole: int, progress: Progress) -> Iterator[Outcome]:
    """Passes them on and says how far it is."""
    for number, item in enumerate(outcomes, start=1):
        if number % max(whole // 10, 25) == 0:
            progress(f"Tried {number} of {whole} disruptions")
        yield item
