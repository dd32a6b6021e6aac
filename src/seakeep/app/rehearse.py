"""Rehearsals on the twin."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

import msgspec
from msgspec.structs import replace

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.adapters.errors import SourceError
from seakeep.app.reading import Reading
from seakeep.app.real_engine import RealEngine
from seakeep.app.rehearse_base import Base, prepare
from seakeep.catalog.loader import hardenings, services
from seakeep.engine.evaluate import evaluate
from seakeep.engine.platform import infer
from seakeep.engine.rehearse import courses, levels, play, worst
from seakeep.engine.score import score
from seakeep.engine.traits import recognising
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import KubeObject, Pod
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Rehearsal, Side
from seakeep.model.scenario import Scenario
from seakeep.model.snapshot import Snapshot
from seakeep.render.rehearsal.types import Placement
from seakeep.twin.observed import Observed
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.profile import Verdict, judge
from seakeep.twin.state import State

Progress = Callable[[str], None]
# Steps that may repair a cause.
_CHANGING = frozenset({"apply", "delete", "patch", "restart", "scale"})

__all__ = ["Base", "is_pending", "prepare", "rehearse", "schedule", "schedule_stream"]


def rehearse(
    snapshot: Snapshot,
    scenario: Scenario,
    intent: Intent,
    today: date,
    progress: Progress = lambda _: None,
    engine: RealEngine | None = None,
) -> Rehearsal:
    """Plays a scenario on a twin of the snapshot; with an `engine`, on that as well. Raises SourceError for a snapshot that nothing can be played on, EngineMissingError where the engine is not there."""
    changes = any(step.verb in _CHANGING for step in scenario.steps)
    base = prepare(snapshot, intent, today, progress, diagnosed=changes)
    found = played(base, scenario, intent, today, progress, changes=changes)
    if engine is None:
        return found
    from seakeep.app.rehearse_real import on_real

    bare = prepare(snapshot, intent, today, progress, applications=False)
    return dataclasses.replace(found, comparison=on_real(bare, scenario, engine, progress))


def played(
    base: Base, scenario: Scenario, intent: Intent, today: date, progress: Progress, *, changes: bool
) -> Rehearsal:
    """On a branch of the base; where it `changes` something, that may be what it takes to settle."""
    twin = base.twin.branch()
    if changes:
        twin.let_go()
    before = _side(base, base.twin, base.board.counts, intent, today)
    steps, watch = play(twin, base.board, scenario, from_mapping, progress, reads=Reading(base.snapshot))
    return Rehearsal(
        scenario=scenario.name,
        source=base.snapshot.source,
        verdict=worst(*(item.verdict for item in steps)),
        steps=steps,
        before=before,
        after=_side(base, twin, watch.counts, intent, today),
        timeline=courses(base.platform, watch),
        seconds=watch.elapsed,
        unsettled=base.unsettled,
    )


def _side(base: Base, twin: Observed, counts: Mapping[Ref, int], intent: Intent, today: date) -> Side:
    """Scores of the twin as it stands, as `check` would give them for a snapshot of it."""
    index = Index(replace(base.snapshot, objects=twin.steady(), taken_at=twin.now), recognising(services()))
    platform = infer(index, services(), intent, edges(index), today=today)
    scores = score(index, platform, evaluate(index, hardenings()))
    return Side((scores.health, scores.running, scores.hardening), levels(base.platform, base.board.needs, counts))


def schedule(snapshot: Snapshot) -> list[Placement]:
    """Each pending pod alone against the given state, by kube-scheduler's default profile. In order of namespace and name."""
    cluster = Cluster(State(snapshot.objects))
    return [_placement(judge(cluster, pod)) for pod in snapshot.all(Pod) if is_pending(pod)]


def is_pending(pod: Pod) -> bool:
    """Waits for the scheduler."""
    return not pod.spec.node_name and pod.metadata.deletion_timestamp is None and not is_ended(pod)


def schedule_stream(lines: Iterable[bytes]) -> Iterator[list[Placement]]:
    """One answer per line that holds a v1 List as JSON, with the pods in the order of the list. Raises SourceError, with the line's number, for anything else."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        assembly, items = Assembly(f"line {number}"), _list(line, number)
        for item in items:
            assembly.add(item)
        place = {f"{pod.namespace}/{pod.name}": position for position, pod in enumerate(items) if isinstance(pod, Pod)}
        yield sorted(schedule(assembly.snapshot()), key=lambda answer: place[answer.pod])


class _Objects(msgspec.Struct):
    items: list[dict[str, object]] | None


def _list(line: bytes, number: int) -> list[KubeObject]:
    try:
        return [from_mapping(item) for item in msgspec.json.decode(line, type=_Objects).items or ()]
    except (msgspec.DecodeError, DecodeError, RecursionError) as error:
        raise SourceError(
            f"line {number} is no v1 List with objects", 'Write one JSON object a line: {"kind": "List", "items": […]}.'
        ) from error


def _placement(verdict: Verdict) -> Placement:
    total = verdict.total
    return Placement(
        pod=f"{verdict.pod.namespace}/{verdict.pod.name}",
        feasible=list(verdict.feasible),
        reasons={node: list(texts) for node, texts in sorted(verdict.reasons.items())},
        scores={
            node: {plugin: int(scores[position]) for plugin, scores in sorted(verdict.scores.items())}
            for position, node in enumerate(verdict.feasible)
        },
        total={node: int(total[position]) for position, node in enumerate(verdict.feasible)},
    )
