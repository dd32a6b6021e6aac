"""Behind a wave: the platform against what it was before the run, and against what the rehearsal said of this wave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seakeep.engine.apply.context import Context
from seakeep.model.commands import Scored
from seakeep.model.plan import Plan, Wave, expected_behind, identity

# Scores are rounded, and one pod of a thousand may be on its way at any time.
_TOLERANCE = 0.5
# Hardening may fall for a moment while things are made one after another; what serves may not.
_GATING = ("health", "running")
Counts = Sequence[int | None]


def is_edited(plan: Plan) -> bool:
    """Somebody changed what it changes since it was rehearsed."""
    return identity(plan.cluster, plan.waves) != plan.id


def missed(context: Context, wave: Wave, scored: Scored) -> list[str]:
    """What keeps the gate shut. What is not known now was lost from sight, which is no fall."""
    checked = context.ledger.checked or {}
    return [
        *_short(context, wave, checked.get("services", {}), scored.services),
        *_silent(checked.get("calls", {}), scored.calls),
        *_lower(checked.get("scores", {}), scored.scores),
    ]


def _short(context: Context, wave: Wave, before: Mapping[str, Counts], now: Mapping[str, Counts]) -> Iterator[str]:
    """Services with fewer ready pods than rehearsed for this wave; where nothing was rehearsed, with a smaller share of what is intended than before the run."""
    planned, expected = context.plan.rehearsal.before.services, expected_behind(context.plan, wave)
    for service, (ready, intended) in sorted(now.items()):
        if ready is None:
            continue
        was, wished = before.get(service, (None, None))
        told = expected.get(service)
        if told is not None:
            # Pods that were missing already when the run began are not asked of the wave.
            lost = max((planned.get(service, (0, 0))[0] or 0) - was, 0) if was is not None else 0
            if ready < told - lost:
                yield f"service {service} has {ready} ready pods; rehearsed were {told - lost}"
        elif was is not None and _share(ready, intended) < _share(was, wished):
            yield f"service {service} fell from {was} of {wished} to {ready} of {intended} ready pods"


def _silent(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for call, barred in sorted(now.items()):
        if barred and before.get(call) == "":
            yield f"{call} gets no answer any more: {barred}"


def _lower(before: Mapping[str, float | None], now: Mapping[str, float | None]) -> Iterator[str]:
    for name in _GATING:
        old, new = before.get(name), now.get(name)
        if old is not None and new is not None and new < old - _TOLERANCE:
            yield f"{name} fell from {old:g} to {new:g}"


def _share(ready: int, intended: int | None) -> float:
    return min(ready / intended, 1.0) if intended else 1.0
