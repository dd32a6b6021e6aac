"""Plan: a snapshot in, a rehearsed plan out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from seakeep.adapters import redact
from seakeep.adapters.decode import from_mapping
from seakeep.app.check import diagnosis_of
from seakeep.app.forked import forked
from seakeep.app.judged import Judged
from seakeep.app.rehearse_base import prepare
from seakeep.app.repack import roomy
from seakeep.catalog.loader import hardenings, services
from seakeep.engine.apply.account import account
from seakeep.engine.apply.calls import known_calls
from seakeep.engine.evaluate import evaluate
from seakeep.engine.plan.choose import Options
from seakeep.engine.plan.make import Ground, make
from seakeep.engine.plan.on_paper import Objects, OnPaper
from seakeep.engine.plan.proposals import proposals
from seakeep.engine.plan.rehearse import Rehearser
from seakeep.engine.platform import infer
from seakeep.engine.score import score
from seakeep.engine.traits import recognising
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.owners.keepers import keeper_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Diagnosis
from seakeep.model.finding import Finding
from seakeep.model.objects import Pod
from seakeep.model.plan import Plan
from seakeep.model.platform import Intent, Platform
from seakeep.model.report import Report
from seakeep.model.run import Run
from seakeep.model.snapshot import Log, Snapshot
from seakeep.render.run.text import DRY
from seakeep.twin.observed import Observed

Progress = Callable[[str], None]


class Rehearsed(Struct, frozen=True):
    """A plan with its run on the twin, and what the twin shows before and after; none of them where the source shows no cluster."""

    plan: Plan
    run: Run | None = None
    start: Snapshot | None = None
    end: Snapshot | None = None


def plan(
    snapshot: Snapshot, intent: Intent, today: date, options: Options, progress: Progress = lambda _: None
) -> Plan:
    """Rehearsed on the twin where the source shows a cluster with its nodes."""
    return rehearsed(snapshot, intent, today, options, progress).plan


def rehearsed(
    snapshot: Snapshot,
    intent: Intent,
    today: date,
    options: Options,
    progress: Progress = lambda _: None,
    report: Report | None = None,
) -> Rehearsed:
    """As `plan`, with the rehearsal itself; `report` where the snapshot was judged already."""
    index = Index(snapshot, recognising(services()))
    platform, findings, diagnosis = _judged(index, intent, today, report, progress)
    found, asked = proposals(index, platform, diagnosis, findings, hardenings())
    hardening = score(index, platform, findings).hardening
    targets = {item.change.target for item in found}
    keepers = {ref: keeper for ref in targets if (keeper := keeper_of(index, ref)) is not None}
    ground = Ground(snapshot, platform, hardening, found, asked, keepers, redact.MASK)
    judged = Judged(snapshot, intent, today)
    if not snapshot.shows_cluster:
        paper = OnPaper(snapshot, lambda objects: judged.objects(objects, snapshot.taken_at), from_mapping)
        return Rehearsed(make(ground, options, paper, progress)[0])
    base = prepare(snapshot, intent, today, progress, diagnosis=diagnosis, known=(index, platform))
    ground = roomy(ground, base, progress)
    judge = judged.changes_of(base.twin)
    stage = Rehearser(
        snapshot, base.twin, base.board, base.platform, judge, from_mapping, known_calls(index), judged.survey, forked
    )
    made, trial = make(ground, options, stage, progress)
    run = account(DRY, made, made.cluster, base.twin.now, trial.recorded)
    return Rehearsed(made, run, shown(snapshot, base.twin), shown(snapshot, trial.twin) if trial.twin else None)


def _judged(
    index: Index, intent: Intent, today: date, report: Report | None, progress: Progress
) -> tuple[Platform, Sequence[Finding], Diagnosis]:
    if report is not None:
        return report.platform, report.findings, report.diagnosis
    progress("Reading the platform")
    platform = infer(index, services(), intent, edges(index), today=today)
    findings = evaluate(index, hardenings())
    progress("Finding causes")
    return platform, findings, diagnosis_of(index, platform)


def shown(snapshot: Snapshot, twin: Observed) -> Snapshot:
    """What an observation of the twin would be."""
    objects = twin.steady()
    return replace(snapshot, objects=objects, logs=_holding(snapshot.logs, objects), taken_at=twin.now)


def _holding(logs: Sequence[Log], objects: Objects) -> tuple[Log, ...]:
    """The twin writes no logs: those of pods that are gone or got well since tell of what is over."""
    pods = objects.get("Pod", {})
    return tuple(
        log for log in logs if isinstance(pod := pods.get((log.namespace, log.pod)), Pod) and not is_ready(pod)
    )
