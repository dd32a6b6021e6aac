"""Repack: room for pods that wait although the cluster has it, found and played on the twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from msgspec import structs

from seakeep.adapters.decode import from_mapping
from seakeep.app.rehearse import played
from seakeep.app.rehearse_base import Base, prepare
from seakeep.app.repack_cpsat import WORK, cp_sat
from seakeep.catalog.loader import services
from seakeep.engine.plan.make import Ground
from seakeep.engine.play import unplaced
from seakeep.engine.repack.commands import commands
from seakeep.engine.repack.make import Found, repack
from seakeep.engine.repack.questions import questions
from seakeep.engine.repack.resizing import RULE, resizings
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.model.platform import Intent
from seakeep.model.repacking import Repacking
from seakeep.model.scenario import Scenario
from seakeep.model.snapshot import Snapshot

Progress = Callable[[str], None]
# Of CP-SAT's work, for a plan that has other things to do besides.
_BRIEFLY = WORK / 6


def repacked(snapshot: Snapshot, intent: Intent, today: date, progress: Progress = lambda _: None) -> Repacking:
    """With the rehearsal of all steps from the state that is. Raises SourceError for a snapshot that nothing can be played on."""
    base = prepare(snapshot, intent, today, progress, diagnosed=True)
    progress("Looking for room")
    found = _search(base)
    value = _value(snapshot, found)
    if not found.steps:
        return value
    scenario = Scenario("repack", tuple(found.steps))
    return replace(value, rehearsal=played(base, scenario, intent, today, progress, changes=True))


def roomy(ground: Ground, base: Base, progress: Progress = lambda _: None) -> Ground:
    """A plan's ground, with what makes room for waiting pods: smaller requests are repairs then; moves and new nodes, which no change of an object brings about, are asked for."""
    if not any(True for _ in unplaced(base.twin.state)):
        return ground
    progress("Looking for room")
    found = _search(base, _BRIEFLY)
    sized = {item.target for item in found.resizings}
    rank = 1 + max((item.rank for item in ground.proposals), default=0)
    proposals = [
        structs.replace(item, rank=rank) if item.rule == RULE and item.change.target in sized else item
        for item in ground.proposals
    ]
    proposals.sort(key=lambda item: not item.is_repair)
    return structs.replace(ground, proposals=proposals, asked=(*ground.asked, *questions(found)))


def _search(base: Base, work: float = WORK) -> Found:
    sizes = resizings(Index(base.snapshot, recognising(services())))
    return repack(base.twin, sizes, from_mapping, cp_sat(work))


def _value(snapshot: Snapshot, found: Found) -> Repacking:
    return Repacking(
        snapshot.source,
        found.fit,
        found.method,
        found.waiting,
        tuple(found.left),
        tuple(found.resizings),
        tuple(found.moves),
        commands(found),
        found.lacks,
        found.new_nodes,
        found.held,
        found.elsewise,
        tuple(found.notes),
    )
