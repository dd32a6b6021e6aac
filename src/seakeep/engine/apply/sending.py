"""The changes of a wave, each written exactly once: read, announced, sent, and where the answer is lost, read again before it is sent again."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.engine.apply.context import PASSING, Broken, Context, Ended, Steps
from seakeep.engine.apply.judging import action_for, objection, told
from seakeep.engine.apply.marks import is_marked, marked, values
from seakeep.model.commands import Action, Command, Event, Failed, Found, Read, Wait, Why, Write, Written
from seakeep.model.fields import undo
from seakeep.model.plan import Planned
from seakeep.model.run import Entry, RunState


def send(context: Context, changes: Sequence[Planned], wave: str) -> Steps[None]:
    """Raises Broken where a change cannot be made; those beside it have their outcome by then."""
    size = context.options.side_by_side
    for start in range(0, len(changes), size):
        yield from _some(context, changes[start : start + size], wave)


def _some(context: Context, changes: Sequence[Planned], wave: str) -> Steps[None]:
    open_ = [item for item in changes if not is_applied(context, item)]
    refusals: list[str] = []
    attempt = 0
    while open_:
        attempt += 1
        yield from context.renew()
        found = yield from context.reliably([Read(item.target, item.api_version) for item in open_])
        writes = yield from _announce(context, open_, found, wave, refusals)
        if not writes:
            break
        events = yield tuple(write for _, write in writes)
        failed = yield from _settle(context, writes, events, wave, refusals)
        context.check_access(events)
        open_ = [item for item, _ in failed]
        if open_ and attempt >= context.options.tries:
            raise Ended(RunState.STOPPED, f"{open_[0].id} could not be written: {failed[0][1].message}")
        if open_:
            yield (Wait(context.pause(attempt, [event for _, event in failed])),)
    if refusals:
        raise Broken("; ".join(refusals))


def is_applied(context: Context, change: Planned) -> bool:
    sent = context.ledger.sent.get(change.id)
    return sent is not None and sent.applied is True


def _announce(
    context: Context, changes: Sequence[Planned], found: Sequence[Event], wave: str, refusals: list[str]
) -> Steps[list[tuple[Planned, Write]]]:
    """What is to be sent. Whatever is seen to be there already was sent before a crash, or by a request whose answer was lost."""
    entries: list[Entry] = []
    writes: list[tuple[Planned, Write]] = []
    for change, event in zip(changes, found, strict=True):
        sent = context.ledger.sent.get(change.id)
        patch = marked(context.plan.id, change)
        if sent is not None and isinstance(event, Found) and is_marked(event.raw, context.plan.id, change.id):
            data = {"uid": event.uid, "wrote": values(event.raw, patch)}
            entries.append(Entry("outcome", change.id, wave, "applied", "found written", data))
            continue
        reason = objection(context, change, event)
        if reason:
            entries.append(Entry("outcome", change.id, wave, "failed", reason))
            refusals.append(reason)
            continue
        uid = event.uid if isinstance(event, Found) else ""
        action = action_for(change, event)
        if sent is None or sent.applied is False:
            entries.append(_announcement(context, change, event, wave, action))
        force = context.options.force_conflicts
        writes.append(
            (change, Write(action, change.target, change.api_version, patch, change.remove, uid, force=force))
        )
    yield from context.record(*entries)
    return writes


def _announcement(context: Context, change: Planned, event: Event, wave: str, action: Action) -> Entry:
    """With the way back, made of the object as it is: it may have fields that the plan did not know of."""
    patch = marked(context.plan.id, change)
    if isinstance(event, Found):
        back_patch, back_remove = undo(event.raw, patch, change.remove)
        back: dict[str, object] = {"patch": back_patch, "remove": list(back_remove)}
    else:
        back = {"delete": True}
    context.backs[change.id] = back
    stored = (context.ledger.checked or {}).get("stored", {}).get(change.id)
    wrote = stored if stored is not None else values(patch, patch)
    uid = event.uid if isinstance(event, Found) else ""
    data = {"action": action.value, "back": context.options.secret(back), "wrote": wrote, "uid": uid}
    return Entry("announced", change.id, wave, data=data)


def _settle(
    context: Context,
    writes: Sequence[tuple[Planned, Write]],
    events: Sequence[Event],
    wave: str,
    refusals: list[str],
) -> Steps[list[tuple[Planned, Failed]]]:
    """Outcomes into the journal; what may go through another time comes back."""
    entries: list[Entry] = []
    again: list[tuple[Planned, Failed]] = []
    for (change, write), event in zip(writes, events, strict=True):
        if isinstance(event, Written):
            data = {"uid": event.uid or write.uid, "wrote": values(event.raw, write.patch)}
            entries.append(Entry("outcome", change.id, wave, "applied", "", data))
        elif isinstance(event, Failed) and (event.why in PASSING or event.why is Why.MOVED):
            again.append((change, event))
        elif isinstance(event, Failed) and event.why is not Why.UNAUTHORIZED:
            reason = told(change, event)
            entries.append(Entry("outcome", change.id, wave, "failed", reason))
            refusals.append(reason)
    yield from context.record(*entries)
    return again


def dry_runs(context: Context, changes: Sequence[Planned], found: Sequence[Event]) -> list[Command]:
    return [
        Write(
            action_for(change, event),
            change.target,
            change.api_version,
            marked(context.plan.id, change),
            change.remove,
            event.uid if isinstance(event, Found) else "",
            force=context.options.force_conflicts,
            dry=True,
        )
        for change, event in zip(changes, found, strict=True)
    ]
