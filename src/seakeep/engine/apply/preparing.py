"""Before anything is written: rights, the state that the plan was made from, and the server's own judgement of every write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seakeep.engine.apply.context import Context, Ended, Steps
from seakeep.engine.apply.judging import moved, told
from seakeep.engine.apply.marks import fingerprint, values
from seakeep.engine.apply.sending import dry_runs
from seakeep.model.commands import Event, Failed, Found, Lacking, Preflight, Read, Score, Scored, Why, Write, Written
from seakeep.model.plan import Planned
from seakeep.model.run import Entry, RunState


def prepare(context: Context) -> Steps[None]:
    """Raises Ended (refused) with everything that is in the way, not only the first."""
    changes = context.plan.changes
    (rights,) = yield from context.reliably([Preflight(changes)])
    lacking = rights.rights if isinstance(rights, Lacking) else ()
    if isinstance(rights, Failed):
        lacking = (rights.message,)
    if lacking:
        raise Ended(RunState.REFUSED, f"rights are missing: {'; '.join(lacking)}")
    found = yield from context.reliably([Read(item.target, item.api_version) for item in changes])
    first = _first_of_each(changes)
    yield from _refuse(
        context,
        {
            change.id: reason
            for change, event in zip(changes, found, strict=True)
            if change.id in first and (reason := moved(change, event))
        },
    )
    events = yield from context.reliably(dry_runs(context, changes, found))
    yield from _refuse(
        context,
        {
            change.id: reason
            for change, event in zip(changes, events, strict=True)
            if (reason := _refusal(context, change, event))
        },
    )
    (scored,) = yield from context.reliably([Score()])
    yield from context.record(Entry("checked", data=_data(context, changes, first, found, events, scored)))


def _refuse(context: Context, reasons: Mapping[str, str]) -> Steps[None]:
    """Into the journal with the change that each is about; raises Ended where there are any."""
    if reasons:
        yield from context.record(*(Entry("outcome", name, "", "failed", text) for name, text in reasons.items()))
        raise Ended(RunState.REFUSED, "; ".join(dict.fromkeys(reasons.values())))


def _first_of_each(changes: Sequence[Planned]) -> frozenset[str]:
    """The first change of each object is the one that finds it as it was."""
    found: dict[object, str] = {}
    for change in changes:
        found.setdefault(change.target, change.id)
    return frozenset(found.values())


def _refusal(context: Context, change: Planned, event: Event) -> str:
    if not isinstance(event, Failed):
        return ""
    if event.why is Why.GONE and _waits_for_the_plan(context, change):
        return ""  # the server cannot judge it before the plan's own namespace or definition is there
    return told(change, event)


def _waits_for_the_plan(context: Context, change: Planned) -> bool:
    made = {item.target for item in context.plan.changes if not item.base.exists}
    return any(
        (ref.kind == "Namespace" and ref.name == change.target.namespace) or ref.kind == "CustomResourceDefinition"
        for ref in made
    )


def _data(
    context: Context,
    changes: Sequence[Planned],
    first: frozenset[str],
    found: Sequence[Event],
    events: Sequence[Event],
    scored: Event,
) -> Mapping[str, object]:
    """`stored` are the values as the server would write them: quantities in its own spelling, for one."""
    writes = [item for item in dry_runs(context, changes, found) if isinstance(item, Write)]
    told = scored if isinstance(scored, Scored) else Scored()
    return {
        "scores": dict(told.scores),
        "services": {name: list(counts) for name, counts in told.services.items()},
        "calls": dict(told.calls),
        "fingerprints": {
            change.id: fingerprint(event.raw, change, context.options.secret)
            for change, event in zip(changes, found, strict=True)
            if change.id in first and isinstance(event, Found)
        },
        "stored": {
            change.id: values(event.raw, write.patch)
            for change, write, event in zip(changes, writes, events, strict=True)
            if isinstance(event, Written) and event.raw
        },
    }
