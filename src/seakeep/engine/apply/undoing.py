"""Back: the latest change first, each field to what it was; and not one where somebody has changed the field since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from seakeep.engine.apply.context import PASSING, Context, Ended, Steps
from seakeep.engine.apply.ledger import Sent
from seakeep.engine.apply.marks import is_mark, is_marked, shown
from seakeep.engine.apply.others import others
from seakeep.model.commands import Absent, Action, Event, Failed, Found, Read, Wait, Why, Write
from seakeep.model.fields import has, leaves, path_of, text_of, value_at
from seakeep.model.plan import Planned
from seakeep.model.run import Entry, RunState


def undo_all(context: Context, reason: str) -> Steps[None]:
    """Raises Ended (rolled back; failed where it may not go on; stopped where it cannot)."""
    changes = {item.id: item for item in context.plan.changes}
    open_ = context.ledger.to_undo
    yield from context.renew()
    found = yield from context.reliably([_read(changes[item.change]) for item in open_])
    yield from _settle_unknown(context, open_, found)
    seen = dict(zip((item.change for item in open_), found, strict=True))
    left = context.ledger.to_undo
    problems = [text for item in left for text in _problems(context, changes[item.change], item, seen[item.change])]
    if problems:
        raise Ended(RunState.FAILED, f"{reason}; nothing was rolled back: {'; '.join(problems)}")
    yield from context.enter(RunState.ROLLING_BACK, reason)
    for item in left:
        yield from _one(context, changes[item.change], item, reason)
    raise Ended(RunState.ROLLED_BACK, reason)


def _read(change: Planned) -> Read:
    return Read(change.target, change.api_version)


def _settle_unknown(context: Context, items: Sequence[Sent], found: Sequence[Event]) -> Steps[None]:
    """What was announced and has no outcome was either written or not: the object says so."""
    entries = []
    for item, event in zip(items, found, strict=True):
        if item.applied is None:
            there = isinstance(event, Found) and is_marked(event.raw, context.plan.id, item.change)
            uid = event.uid if isinstance(event, Found) else ""
            wrote = _now(event.raw, item.wrote) if there and isinstance(event, Found) else item.wrote
            data = {"uid": uid, "wrote": wrote} if there else {}
            entries.append(Entry("outcome", item.change, "", "applied" if there else "failed", "", data))
        elif item.undoing and _is_undone(context, item, event):
            entries.append(Entry("outcome", item.change, "", "undone", "found undone"))
    yield from context.record(*entries)


def _now(raw: Mapping[str, Any], wrote: Mapping[str, Any]) -> dict[str, Any]:
    return {text: value_at(raw, path_of(text)) for text in wrote if has(raw, path_of(text))}


def _is_undone(context: Context, item: Sent, event: Event) -> bool:
    if _back(context, item).get("delete"):
        return isinstance(event, Absent) or (
            isinstance(event, Found)
            and (event.uid != item.uid or bool(value_at(event.raw, ("metadata", "deletionTimestamp"))))
        )
    return isinstance(event, Found) and not is_marked(event.raw, context.plan.id, item.change)


def _back(context: Context, item: Sent) -> Mapping[str, Any]:
    """In full while the process that wrote it lives; else what the journal holds."""
    found = context.backs.get(item.change, item.back)
    return found if isinstance(found, Mapping) else item.back


def _problems(context: Context, change: Planned, item: Sent, event: Event) -> list[str]:
    if isinstance(event, Failed):
        return [f"{change.target}: {event.message}"]
    back = _back(context, item)
    if not isinstance(event, Found):
        return [] if back.get("delete") else [f"{change.target} is gone"]
    if item.uid and event.uid != item.uid:
        return [f"{change.target} was deleted and made anew by somebody else"]
    masked = [
        f"{text_of(path)} of {change.target} held a secret, which the journal does not keep"
        for path, value in leaves(back.get("patch") or {})
        if context.options.mask in msgspec.json.encode(value).decode()
    ]
    return (
        masked
        if context.options.undo_over_others
        else [*masked, *_changed(change, item, event, context.options.secret)]
    )


def _changed(change: Planned, item: Sent, event: Found, secret: Callable[[Any], Any]) -> list[str]:
    found = []
    for text, wrote in sorted(item.wrote.items()):
        path = path_of(text)
        if not has(event.raw, path):
            found.append(f"{text} of {change.target} was removed since")
        elif value_at(event.raw, path) != wrote:
            who = others(event.raw, path)
            now, wanted = (shown(path, value, secret) for value in (value_at(event.raw, path), wrote))
            kept = "" if is_mark(text) else f" ({now}, not {wanted})"
            found.append(f"{text} of {change.target} was changed since by {who}{kept}")
    return found


def _one(context: Context, change: Planned, item: Sent, reason: str) -> Steps[None]:
    back = _back(context, item)
    action = Action.DELETE if back.get("delete") else Action.UNDO
    options = context.options
    yield from context.record(Entry("announced", change.id, data={"action": action.value}))
    last = ""
    for attempt in range(1, options.tries + 1):
        yield from context.renew()
        write = Write(
            action,
            change.target,
            change.api_version,
            back.get("patch") or {},
            tuple(back.get("remove") or ()),
            item.uid,
            expect={} if options.undo_over_others else item.wrote,
            ours=tuple(item.wrote),
            force=options.undo_over_others,
        )
        (event,) = yield (write,)
        context.check_access([event])
        if not isinstance(event, Failed) or (action is Action.DELETE and event.why is Why.GONE):
            yield from context.record(Entry("outcome", change.id, "", "undone"))
            return
        if event.why not in PASSING and event.why is not Why.MOVED:
            yield from context.record(Entry("outcome", change.id, "", "failed", event.message))
            raise Ended(RunState.FAILED, f"{reason}; the rollback stopped at {change.target}: {event.message}")
        last = event.message
        yield (Wait(context.pause(attempt, [event])),)
        (seen,) = yield from context.reliably([_read(change)])
        if _is_undone(context, item, seen):
            yield from context.record(Entry("outcome", change.id, "", "undone", "found undone"))
            return
        problems = _problems(context, change, item, seen)
        if problems:
            yield from context.record(Entry("outcome", change.id, "", "failed", problems[0]))
            raise Ended(RunState.FAILED, f"{reason}; the rollback stopped: {'; '.join(problems)}")
    raise Ended(RunState.STOPPED, f"{reason}; the rollback could not go on: {last}")
