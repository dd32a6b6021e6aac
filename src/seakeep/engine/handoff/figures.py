"""Scores, pods and targets before and after. No figure rises because something is gone: what was there before and is neither there nor waived counts as down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from seakeep.engine.handoff.seen import Seen, is_gone
from seakeep.engine.handoff.services import critical
from seakeep.engine.score import value_of
from seakeep.model.handoff import Figure, Objective
from seakeep.model.platform import Intent, ServiceState
from seakeep.model.score import Naive, Part, Score

_PODS = (
    ("pods", None),
    ("ready", "ready"),
    ("Running, not ready", "notready"),
    ("waiting to start", "waiting"),
    ("failing", "failed"),
    ("finished", "finished"),
)


def missing(before: Seen | None, after: Seen, today: date) -> tuple[list[ServiceState], list[ServiceState]]:
    """Services that were there before and are not found: those of which nothing is left, and those that the snapshot after does not show. What a waiver excuses is not missed."""
    if before is None:
        return [], []
    left = {item.id for item in after.report.platform.services}
    waived = {item.target for item in after.report.platform.intent.waivers if item.expires >= today}
    lacking = [
        item
        for item in before.report.platform.services
        if item.id not in left and item.state != "waived" and not {item.id, item.name, item.profile} & waived
    ]
    gone = [item for item in lacking if is_gone(item, after)]
    return gone, [item for item in lacking if item not in gone]


def scores(before: Seen | None, known: Mapping[str, float | None], after: Seen, today: date) -> tuple[Figure, ...]:
    """`known` are the scores that the journal kept, for want of a snapshot."""
    gone, unseen = missing(before, after, today)
    found = [_honest(name, before, known, after, gone, unseen) for name in ("health", "running", "hardening")]
    survived = after.report.scores.survival
    if survived is not None:
        old = before.report.scores.survival if before else None
        found.append(Figure("survival", old.value if old else None, survived.value, survived.formula, "", _sum(survived.parts)))  # fmt: skip
    return (
        *found,
        _critical(before, after, gone, unseen),
        naive(
            before.report.scores.naive if before else None,
            after.report.scores.naive,
            whole=before is not None and _whole(before) and _whole(after),
        ),
    )


def _whole(seen: Seen) -> bool:
    """Whether every pod was seen."""
    return seen.index.snapshot.lists_all("Pod", "*")


def _critical(before: Seen | None, after: Seen, gone: Sequence[ServiceState], unseen: Sequence[ServiceState]) -> Figure:
    was, now = (critical(seen.report.platform.services) if seen else None for seen in (before, after))
    lost = sum(item.criticality == "critical" for item in gone)
    if any(item.criticality == "critical" for item in unseen):
        now = None
    up, of = now or (0, 0)
    return Figure(
        "critical services",
        round(100 * was[0] / was[1], 1) if was else None,
        round(100 * up / (of + lost), 1) if now or (lost and not unseen) else None,
        "critical services up / critical services",
        f"{was[0]} of {was[1]}" if was else "",
        f"{up} of {of + lost}" if now or (lost and not unseen) else "",
    )


def _honest(
    name: str,
    before: Seen | None,
    known: Mapping[str, float | None],
    after: Seen,
    gone: Sequence[ServiceState],
    unseen: Sequence[ServiceState],
) -> Figure:
    new: Score = getattr(after.report.scores, name)
    old: Score | None = getattr(before.report.scores, name) if before else None
    lost = {
        "health": [Part(item.id, item.namespace, item.weight, 0, 1, "gone") for item in gone],
        "running": [Part(item.id, item.namespace, 1, 0, item.intended, "gone") for item in gone if item.intended],
    }.get(name, [])
    parts = (*new.parts, *lost)
    value = value_of(parts) if lost and new.value is not None else new.value
    if unseen and name != "hardening":
        # What is not looked at could only raise it.
        value, lost = None, []
    note = f"gone since, and counted as down: {', '.join(item.id for item in gone)}" if lost else new.note
    if value is None and unseen:
        note = f"not shown after, and so not judged: {', '.join(item.id for item in unseen)}"
    return Figure(
        name,
        old.value if old else known.get(name),
        value,
        new.formula,
        _sum(old.parts) if old else "",
        _sum(parts) if value is not None else "",
        note,
    )


def _sum(parts: Iterable[Part]) -> str:
    parts = list(parts)
    got, of = (sum(part.weight * getattr(part, name) for part in parts) for name in ("got", "of"))
    return f"{got:.4g} of {of:.4g}" if of < 1000 else f"{got:.0f} of {of:.0f}"


def naive(before: Naive | None, after: Naive, *, whole: bool = True) -> Figure:
    """What dashboards show, and how much of its rise is only that pods are gone."""
    note = "Running of all pods that exist: what dashboards show; no measure of health"
    if before and whole and 0 < after.total < before.total:
        same = 100 * after.running / before.total
        note = f"{note}. {before.total - after.total} pods fewer exist: of the {before.total} of before it would be {same:.1f}"  # fmt: skip
    return Figure(
        "naive",
        before.percent if before else None,
        after.percent,
        "pods Running / pods that exist",
        f"{before.running} of {before.total}" if before else "",
        f"{after.running} of {after.total}",
        note,
    )


def pods(before: Seen | None, after: Seen) -> tuple[Figure, ...]:
    """Unknown where not every pod was seen."""
    if after.report.snapshot.intent_only:
        return ()
    sides = [
        Counter(cell.standing for cell in seen.report.pods) if seen and _whole(seen) else None
        for seen in (before, after)
    ]
    rows = []
    for name, kind in _PODS:
        old, new = (None if side is None else side.total() if kind is None else side[kind] for side in sides)
        rows.append(Figure(name, old, new))
    return tuple(rows)


def objectives(intent: Intent, found: Sequence[Figure], today: date) -> tuple[Objective, ...]:
    by_name = {item.name: item for item in found}
    rows = []
    for target in intent.targets:
        figure = by_name.get(target.score)
        value = figure.after if figure else None
        early = target.day is not None and target.day > today
        # What is reached before its day is met so far, not for good.
        met = None if value is None or early else value >= target.value
        day = target.day.isoformat() if target.day else ""
        rows.append(Objective(target.score, target.value, day, figure.before if figure else None, value, met))
    return tuple(rows)
