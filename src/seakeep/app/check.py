"""Check: a snapshot in, a report out. `diagnose` is its second half alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from seakeep.catalog.loader import causes, hardenings, services
from seakeep.engine.diagnose import WAIVED, diagnose
from seakeep.engine.evaluate import evaluate
from seakeep.engine.platform import infer
from seakeep.engine.recognise import Recogniser
from seakeep.engine.score import score
from seakeep.engine.traits import Recognising
from seakeep.facts.calls.dependencies import consumers, edges
from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_finished, is_ready, status_column
from seakeep.model.cause import Diagnosis
from seakeep.model.objects import Event, Pod
from seakeep.model.platform import Intent, Platform, Target
from seakeep.model.report import Moment, PodCell, Report, SnapshotSummary, TargetResult
from seakeep.model.score import Scores
from seakeep.model.snapshot import Depth, Snapshot

if TYPE_CHECKING:
    from seakeep.model.survival import Survival

Progress = Callable[[str], None]


def check(
    snapshot: Snapshot,
    intent: Intent,
    today: date,
    targets: Sequence[Target] = (),
    progress: Progress = lambda _: None,
    *,
    survival: bool = False,
) -> Report:
    """Scores, findings and causes of one snapshot; `survival` rehearses every disruption too. `targets` add to those of `platform.yaml`; `today` decides which waivers and targets hold."""
    recogniser = Recogniser(services())
    index = Index(snapshot, Recognising(recogniser))
    progress("Reading dependencies")
    platform = infer(index, recogniser, intent, edges(index), today=today)
    progress("Judging hardening")
    findings = evaluate(index, hardenings())
    progress("Scoring")
    scores = score(index, platform, findings)
    survived = _survived(snapshot, intent, today, progress) if survival else None
    if survived is not None:
        scores = replace(scores, survival=survived.score)
    progress("Finding causes")
    return Report(
        snapshot=summarize(snapshot),
        scores=scores,
        platform=platform,
        findings=findings,
        diagnosis=diagnosis_of(index, platform),
        pods=_pods(index),
        timeline=_timeline(index),
        targets=_targets((*intent.targets, *targets), scores, today),
        survival=survived,
    )


def _survived(snapshot: Snapshot, intent: Intent, today: date, progress: Progress) -> Survival:
    from seakeep.app.survive import survive

    return survive(snapshot, intent, today, progress=progress)


def diagnose_snapshot(snapshot: Snapshot, intent: Intent, today: date) -> Diagnosis:
    """The causes alone."""
    recogniser = Recogniser(services())
    index = Index(snapshot, Recognising(recogniser))
    return diagnosis_of(index, infer(index, recogniser, intent, edges(index), today=today))


def diagnosis_of(index: Index, platform: Platform) -> Diagnosis:
    """The causes of what is unwell; what is waived matters least."""
    criticality = {
        ref: WAIVED if service.state == "waived" else service.criticality
        for service in platform.services
        for ref in service.workloads
    }
    pods = {
        pod.ref: criticality[workload]
        for workload, owned in index.pods_by_workload.items()
        if workload in criticality
        for pod in owned
    }
    return diagnose(index, causes(), consumers(index), {**criticality, **pods})


def summarize(snapshot: Snapshot) -> SnapshotSummary:
    """What was seen; objects that others only mention do not count."""
    named = {ref for ref, depth in snapshot.shallow.items() if depth is Depth.NAMED}
    return SnapshotSummary(
        source=snapshot.source,
        taken_at=snapshot.dated,
        objects=snapshot.object_count - len(named),
        pods=sum(item.ref not in named for item in snapshot.all(Pod)),
        unread=snapshot.unread,
        server_version=snapshot.server_version,
        intent_only=snapshot.intent_only,
    )


def _pods(index: Index) -> tuple[PodCell, ...]:
    shown = [pod for pod in index.pods if index.snapshot.depth(pod.ref) is not Depth.NAMED]
    return tuple(
        PodCell(pod.ref, pod.spec.node_name, status_column(pod), is_ready(pod) or is_finished(pod)) for pod in shown
    )


def _timeline(index: Index) -> tuple[Moment, ...]:
    moments = [
        Moment(event.last_seen, event.about, event.reason, event.text, event.times, is_recent(index, event.last_seen))
        for event in index.snapshot.all(Event)
        if event.last_seen and event.type != "Normal"
    ]
    return tuple(sorted(moments, key=lambda item: (item.time, item.object, item.reason, item.text)))


def _targets(targets: Sequence[Target], scores: Scores, today: date) -> tuple[TargetResult, ...]:
    """Targets whose day has not come yet are shown, but not judged."""
    known = (scores.running, scores.health, scores.hardening, scores.survival)
    values = {item.id: item.value for item in known if item is not None}
    return tuple(
        TargetResult(
            score=target.score,
            wanted=target.value,
            value=values.get(target.score),
            met=None
            if _later(target.day, today) or (value := values.get(target.score)) is None
            else value >= target.value,
            day=target.day.isoformat() if target.day else "",
        )
        for target in targets
    )


def _later(day: date | None, today: date) -> bool:
    return day is not None and day > today
