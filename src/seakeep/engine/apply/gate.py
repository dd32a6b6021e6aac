"""The gate behind a wave: what was changed has reached its wished state; no score is lower than before the run; each service has the pods that the rehearsal said; and every call that got through before still does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seakeep.engine.apply.context import Broken, Context, Steps
from seakeep.engine.apply.expected import is_edited, missed
from seakeep.model.commands import Condition, Failed, Health, Observe, Observed, Score, Scored, Wait
from seakeep.model.plan import Wave
from seakeep.model.refs import Ref

# Scores are rounded.
_TOLERANCE = 0.5
# The whole cluster is observed each time.
_SETTLING_POLL = 15.0
_WELL = frozenset({Condition.CURRENT})
# Reasons of one gate that are told.
_MOST = 5


def targets(wave: Wave) -> tuple[tuple[Ref, str], ...]:
    return tuple(dict.fromkeys((change.target, change.api_version) for change in wave.changes))


def look(context: Context, wave: Wave) -> Steps[Observed]:
    (event,) = yield from context.reliably([Observe(targets(wave))])
    if not isinstance(event, Observed):
        raise Broken(f"wave {wave.name} cannot be observed: {event.message if isinstance(event, Failed) else event}")
    return event


def before(seen: Observed) -> dict[str, object]:
    """For the journal: what was unwell already is not blamed on the wave."""
    return {str(item.object): [item.status.value, item.ready] for item in seen.objects}


def gate(context: Context, wave: Wave, known: Mapping[str, object]) -> Steps[Scored]:
    """How the platform is behind the gate. Raises Broken where it does not open in time."""
    options, started = context.options, -1.0
    patience = min(options.unwell_patience, options.gate_timeout)
    while True:
        yield from context.renew()
        seen = yield from look(context, wave)
        started = seen.at if started < 0 else started
        spent = seen.at - started
        behind = [item for item in seen.objects if item.status not in _WELL]
        fresh = [item for item in behind if not _was_unwell(item, known)]
        dead = [item for item in fresh if item.status in {Condition.FAILED, Condition.NOT_FOUND, Condition.TERMINATING}]
        if dead:
            raise Broken(f"after wave {wave.name}: {_named(dead)}", _refs(dead))
        reason = _named(behind)
        if not behind or (not fresh and spent >= patience):
            worse = [item for item in behind if _is_worse(item, known)]
            reason = f"{_named(worse)} (worse than before)" if worse else ""
            if not worse:
                scored = yield from score(context, hardening=False)
                reason = "; ".join(missed(context, wave, scored)[:_MOST])
                if not reason:
                    return scored
        if spent >= options.gate_timeout:
            raise Broken(
                f"wave {wave.name} did not get well within {options.gate_timeout:.0f} s: {reason}", _refs(behind)
            )
        yield (Wait(options.poll),)


def score(context: Context, *, hardening: bool) -> Steps[Scored]:
    (event,) = yield from context.reliably([Score(hardening)])
    return event if isinstance(event, Scored) else Scored()


def last_scores(context: Context) -> Steps[Mapping[str, float | None]]:
    """Behind the last wave: given time until they are what the rehearsal said. That they are not is no failure: the wave's own gate has judged what was changed."""
    spent = 0.0
    wanted = {} if is_edited(context.plan) else context.plan.rehearsal.after.scores
    while True:
        scores = (yield from score(context, hardening=True)).scores
        short = [
            name
            for name, told in wanted.items()
            if told is not None and (found := scores.get(name)) is not None and found < told - _TOLERANCE
        ]
        if not short or spent >= context.options.settling:
            return scores
        yield from context.renew()
        yield (Wait(_SETTLING_POLL),)
        spent += _SETTLING_POLL


def _was_unwell(item: Health, known: Mapping[str, object]) -> bool:
    old = known.get(str(item.object))
    return isinstance(old, Sequence) and old[0] in {Condition.IN_PROGRESS, Condition.FAILED}


def _is_worse(item: Health, known: Mapping[str, object]) -> bool:
    old = known.get(str(item.object))
    ready = old[1] if isinstance(old, Sequence) else None
    return item.ready is not None and isinstance(ready, int) and item.ready < ready


def _refs(items: Sequence[Health]) -> list[str]:
    return [str(item.object) for item in items]


def _named(items: Sequence[Health]) -> str:
    return "; ".join(
        f"{item.object} is {item.status}{f': {item.message}' if item.message else ''}" for item in items[:5]
    )
