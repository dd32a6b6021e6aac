"""All of it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from seakeep.engine.handoff import figures, resources, services
from seakeep.engine.handoff.checklist import checklist
from seakeep.engine.handoff.elsewhere import elsewhere, touched
from seakeep.engine.handoff.following import following
from seakeep.engine.handoff.issues import issues, still_asked, still_left_out
from seakeep.engine.handoff.seen import Seen
from seakeep.engine.handoff.waivers import waivers
from seakeep.model.again import Again
from seakeep.model.handoff import Handoff
from seakeep.model.run import Run
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Outcome

_SHALLOW = "Deep probes (a query, a message, a job run through the service) were not made: readiness is what its pods answer to the kubelet, no more."


def compose(
    since: str,
    runs: Sequence[Run],
    before: Seen | None,
    after: Seen,
    today: date,
    *,
    drains: Sequence[Outcome] | None = None,
    commits: Mapping[str, str] | None = None,
    origin: Snapshot | None = None,
    rehearsed: bool = False,
    again: Mapping[str, Again] | None = None,
) -> Handoff:
    """`runs` are the oldest first. Without `before`, the scores are those that the first run's journal kept, and services those of its plan's rehearsal.

    `origin` is what the objects after are compared with, where that is not the snapshot before: on a twin, its own beginning, because it adds the API server's defaults. `again` are by run the options that commands on it must be given.
    """
    report, plans = after.report, [run.plan for run in runs]
    first = runs[0] if runs else None
    kept = dict(first.before) if first else {}
    counts = dict(first.plan.rehearsal.before.services) if first else {}
    scores = figures.scores(before, kept, after, today)
    start = origin or (before.index.snapshot if before else None)
    asked = still_asked(after, plans)
    found = Handoff(
        platform=report.platform.intent.name or report.snapshot.source,
        since=since,
        before_from=_source(before, first),
        before=before.report.snapshot if before else None,
        after=report.snapshot,
        objectives=figures.objectives(report.platform.intent, scores, today),
        scores=scores,
        pods=figures.pods(before, after),
        services=services.turns(before, counts, after),
        runs=tuple(runs),
        commits=commits or {},
        elsewhere=None if start is None else elsewhere(start, after.index.snapshot, touched(runs)),
        rooms=resources.rooms(after.index),
        quotas=resources.quotas(after.index),
        claims=resources.claims(after.index),
        unbound=resources.unbound(after.index),
        issues=issues(before, after, asked),
        unexplained=tuple(f"{item.object}: {item.text}" for item in report.diagnosis.unexplained),
        asked=asked,
        left_out=still_left_out(after, plans),
        waivers=waivers(report.platform, today),
        checklist=(),
        usable=services.usable(after),
        following=(),
        notes=_notes(before, first, after, rehearsed=rehearsed),
    )
    found = replace(found, checklist=checklist(before, after, found, drains))
    return replace(found, following=following(found, drains, again or {}, rehearsed=rehearsed))


def _source(before: Seen | None, first: Run | None) -> str:
    if before is not None:
        taken = before.report.snapshot.taken_at
        return f"snapshot {before.report.snapshot.source}{f' of {taken:%Y-%m-%d %H:%M} UTC' if taken else ''}"
    return f"journal of run {first.id}, and the rehearsal of its plan" if first else ""


def _notes(before: Seen | None, first: Run | None, after: Seen, *, rehearsed: bool) -> tuple[str, ...]:
    notes = [_SHALLOW]
    if rehearsed:
        notes.append("The state after is that of the twin at the end of the run: nothing was written to a cluster.")
    if before is None and first is not None:
        notes.append(
            "No snapshot of before was named (--before): pods before are unknown, and so is what changed by other hands."
        )
    if before is not None and (then := before.report.snapshot.taken_at) and (now := after.report.snapshot.taken_at) and then > now:  # fmt: skip
        notes.append("The snapshot named as before was taken later than the one after.")
    if not any("storage" in item.resource or "persistentvolumeclaims" in item.resource for item in resources.quotas(after.index)):  # fmt: skip
        notes.append("No quota bounds claims or storage: what is left is what the storage itself can give, and that was not shown.")  # fmt: skip
    bare = resources.unlimited(after.index)
    if bare:
        notes.append(f"Limits count what is limited: {bare} pods have a container without a memory limit.")
    return tuple(notes)
