"""The hand-off: the runs of a journal and two snapshots, joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from msgspec.structs import replace

from seakeep.adapters import redact
from seakeep.adapters.errors import SourceError, UsageError
from seakeep.adapters.journal import Journal
from seakeep.app.apply import read_run
from seakeep.app.check import check
from seakeep.app.rehearse_base import prepare
from seakeep.app.survive import attempt
from seakeep.catalog.loader import services
from seakeep.engine.handoff import Seen, compose
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.model.again import Again
from seakeep.model.handoff import Handoff
from seakeep.model.objects import Node
from seakeep.model.plan import Planned
from seakeep.model.platform import Intent
from seakeep.model.run import Run
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Disruption, Outcome

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """`since` as it was asked for, and the runs that it means, the oldest first; `again` by run, as `compose` has it. `rehearsed` where they were played on the twin, from `origin`."""

    since: str
    runs: tuple[Run, ...]
    commits: Mapping[str, str] | None = None
    rehearsed: bool = False
    origin: Snapshot | None = None
    again: Mapping[str, Again] | None = None


def handoff(
    asked: Asked,
    before: Snapshot | None,
    after: Snapshot,
    intent: Intent,
    today: date,
    progress: Progress = lambda _: None,
    *,
    drains: bool = True,
) -> Handoff:
    """`drains`: each node is drained on a twin of the state after."""
    progress("Judging the state after")
    now = seen(after, intent, today)
    progress("Judging the state before")
    old = seen(before, intent, today) if before is not None else None
    tried = drained(after, intent, today, progress) if drains else None
    return compose(
        asked.since,
        tuple(map(masked, asked.runs)),
        old,
        now,
        today,
        drains=tried,
        commits=asked.commits,
        origin=asked.origin,
        rehearsed=asked.rehearsed,
        again=asked.again,
    )


def seen(snapshot: Snapshot, intent: Intent, today: date) -> Seen:
    return Seen(check(snapshot, intent, today), Index(snapshot, recognising(services())))


def drained(snapshot: Snapshot, intent: Intent, today: date, progress: Progress) -> list[Outcome] | None:
    """None where the snapshot shows nothing that could be rehearsed."""
    try:
        base = prepare(snapshot, intent, today, progress, diagnosed=True)
    except SourceError:
        return None
    nodes = [node.name for node in base.twin.state.all(Node)]
    progress(f"Draining {len(nodes)} nodes on the twin")
    return [attempt(base, Disruption("drain", (name,))) for name in nodes]


def runs_since(journal: Journal, since: str) -> tuple[Run, ...]:
    """RUN and those after it, or those begun on or after a date. Raises UsageError for what is neither."""
    rows = journal.runs()
    named = next((row for row in rows if row.id == since), None)
    start = named.at if named is not None else _moment(since)
    return tuple(read_run(journal, row.id) for row in rows if row.at >= start)


def of_cluster(runs: Sequence[Run], since: str, cluster: str) -> tuple[Run, ...]:
    """Those on the cluster that the snapshot after shows (the uid of namespace kube-system), as far as both are known. Raises UsageError where the run that was named is not."""
    named = next((run for run in runs if run.id == since), None)
    cluster = cluster or (named.cluster if named else "")
    kept = tuple(run for run in runs if not cluster or not run.cluster or run.cluster == cluster)
    if named is not None and named not in kept:
        raise UsageError(
            f"run {since} was on another cluster (the uid of namespace kube-system differs)",
            "Name a snapshot of its own cluster, or its --context.",
        )
    return kept


def masked(run: Run) -> Run:
    """Without secrets, whatever somebody wrote into a plan by hand: a hand-off goes to others."""
    waves = tuple(replace(wave, changes=tuple(map(_masked, wave.changes))) for wave in run.plan.waves)
    steps = tuple(replace(step, message=redact.text(step.message)) for step in run.steps)
    plan = replace(run.plan, waves=waves)
    return replace(run, plan=plan, steps=steps, message=redact.text(run.message))


def _masked(change: Planned) -> Planned:
    hide = _hidden if change.target.kind == "Secret" else redact.fields
    return replace(change, patch=hide(change.patch), undo=replace(change.undo, patch=hide(change.undo.patch)))


def _hidden(patch: Mapping[str, Any]) -> dict[str, Any]:
    """Of a Secret, the names of its keys alone."""
    return {
        name: dict.fromkeys(part, redact.MASK) if name in {"data", "stringData"} and isinstance(part, Mapping) else part
        for name, part in redact.fields(patch).items()
    }


def _moment(text: str) -> datetime:
    """The beginning of a day, or a moment; UTC where none is said."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"the journal has no run {text[:80]}, and it is no date",
            "Name a run of `seakeep history`, or a day: 2026-03-01.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
