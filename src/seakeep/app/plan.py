"""Plan: a snapshot in, a rehearsed plan out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from msgspec.structs import replace

from seakeep.adapters import redact
from seakeep.adapters.decode import from_mapping
from seakeep.app.check import diagnosis_of
from seakeep.app.rehearse_base import prepare
from seakeep.catalog.loader import hardenings, services
from seakeep.engine.evaluate import evaluate
from seakeep.engine.plan.choose import Options
from seakeep.engine.plan.make import Ground, make
from seakeep.engine.plan.on_paper import Objects, OnPaper
from seakeep.engine.plan.proposals import proposals
from seakeep.engine.plan.rehearse import Rehearser, Stage
from seakeep.engine.platform import infer
from seakeep.engine.score import score
from seakeep.engine.traits import recognising
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.owners.keepers import keeper_of
from seakeep.model.objects import Node
from seakeep.model.plan import Outcome, Plan
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.blame import Call

Progress = Callable[[str], None]


def _calls(index: Index) -> Iterator[tuple[Ref, Call]]:
    """What configuration says that workloads call, itself left out."""
    for edge in edges(index):
        if edge.address.port and edge.consumer not in edge.backends:
            yield edge.consumer, (edge.address.host, edge.address.port, "TCP")


def plan(
    snapshot: Snapshot, intent: Intent, today: date, options: Options, progress: Progress = lambda _: None
) -> Plan:
    """Rehearsed on the twin where the source shows a cluster with its nodes."""
    recognise = recognising(services())
    index = Index(snapshot, recognise)
    progress("Reading the platform")
    platform = infer(index, services(), intent, edges(index), today=today)
    findings = evaluate(index, hardenings())
    progress("Finding causes")
    diagnosis = diagnosis_of(index, platform)
    found, asked = proposals(index, platform, diagnosis, findings, hardenings())
    hardening = score(index, platform, findings).hardening
    targets = {item.change.target for item in found}
    keepers = {ref: keeper for ref in targets if (keeper := keeper_of(index, ref)) is not None}

    def judge(objects: Objects, now: datetime | None) -> Outcome:
        after = Index(replace(snapshot, objects=objects, taken_at=now), recognise)
        platform = infer(after, services(), intent, edges(after), today=today)
        values = score(after, platform, evaluate(after, hardenings()))
        return Outcome(
            {item.id: item.value for item in (values.health, values.running, values.hardening)},
            {item.id: (item.ready, item.intended) for item in platform.services if item.state != "waived"},
        )

    stage: Stage
    if snapshot.intent_only or not snapshot.objects.get(Node.__name__):
        stage = OnPaper(snapshot, lambda objects: judge(objects, snapshot.taken_at), from_mapping)
    else:
        base = prepare(snapshot, intent, today, progress, diagnosis=diagnosis)
        stage = Rehearser(
            base.twin, base.board, lambda twin: judge(twin.steady(), twin.now), from_mapping, _calls(index)
        )
    return make(Ground(snapshot, platform, hardening, found, asked, keepers, redact.MASK), options, stage, progress)
