"""Plan: a snapshot in, a rehearsed plan out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.app.check import diagnosis_of
from seakeep.app.rehearse_base import prepare
from seakeep.catalog.loader import hardenings, services
from seakeep.engine.evaluate import evaluate
from seakeep.engine.plan.choose import Options
from seakeep.engine.plan.make import Ground, make
from seakeep.engine.plan.proposals import proposals
from seakeep.engine.plan.rehearse import Rehearser
from seakeep.engine.platform import infer
from seakeep.engine.score import score
from seakeep.engine.traits import recognising
from seakeep.facts.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.keepers import keeper_of
from seakeep.model.plan import Outcome, Plan
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot
from seakeep.twin.observed import Observed

Progress = Callable[[str], None]


def plan(
    snapshot: Snapshot, intent: Intent, today: date, options: Options, progress: Progress = lambda _: None
) -> Plan:
    """Raises SourceError for a snapshot that nothing can be rehearsed on."""
    base = prepare(snapshot, intent, today, progress, diagnosed=True)
    recognise = recognising(services())
    index = Index(snapshot, recognise)
    findings = evaluate(index, hardenings())
    progress("Finding causes")
    diagnosis = diagnosis_of(index, base.platform)
    found, asked = proposals(index, base.platform, diagnosis, findings, hardenings())
    scores = score(index, base.platform, findings)
    targets = {item.change.target for item in found}
    keepers = {ref: keeper for ref in targets if (keeper := keeper_of(index, ref)) is not None}
    ground = Ground(snapshot, base.platform, scores.hardening, found, asked, keepers)

    def judge(twin: Observed) -> Outcome:
        after = Index(replace(snapshot, objects=twin.steady(), taken_at=twin.now), recognise)
        platform = infer(after, services(), intent, edges(after), today=today)
        values = score(after, platform, evaluate(after, hardenings()))
        return Outcome(
            {item.id: item.value for item in (values.health, values.running, values.hardening)},
            {item.id: (item.ready, item.intended) for item in platform.services if item.state != "waived"},
        )

    return make(ground, options, Rehearser(base.twin, base.board, judge, from_mapping), progress)
