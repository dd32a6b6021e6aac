"""Whether a change may still be made, and why not, in words that name the object, the field and the manager."""

from __future__ import annotations

from seakeep.engine.apply.context import Context
from seakeep.engine.apply.marks import fingerprint
from seakeep.model.commands import Action, Event, Failed, Found, Why
from seakeep.model.fields import value_at
from seakeep.model.plan import Planned

_AGAIN = "make a new plan"


def action_for(change: Planned, event: Event) -> Action:
    if not isinstance(event, Found):
        return Action.CREATE
    return Action.EDIT if change.remove else Action.APPLY


def moved(change: Planned, event: Event) -> str:
    """Why the state is not what the plan was made from; "" where it is."""
    if isinstance(event, Failed):
        return told(change, event)
    if not isinstance(event, Found):
        return f"{change.target} is gone: {_AGAIN}" if change.base.exists else ""
    if not change.base.exists:
        return f"{change.target} was made since the plan: {_AGAIN}"
    if event.uid != change.base.uid:
        return f"{change.target} was deleted and made anew since the plan: {_AGAIN}"
    if event.digest != change.base.digest:
        return f"{change.target} has changed since the plan: {_AGAIN}"
    return _ending(change, event)


def objection(context: Context, change: Planned, event: Event) -> str:
    """As `moved`, later in the run: others may have changed the object, but not the fields that the change is about."""
    if isinstance(event, Failed):
        return told(change, event)
    ledger = context.ledger
    earlier = [item for item in context.plan.changes if item.target == change.target and item.id != change.id]
    mine = [sent for item in earlier if (sent := ledger.sent.get(item.id)) is not None and sent.applied]
    if not isinstance(event, Found):
        return f"{change.target} is gone: {_AGAIN}" if change.base.exists or mine else ""
    if mine:
        return _ending(change, event)
    if not change.base.exists:
        return f"{change.target} was made by somebody else meanwhile: {_AGAIN}"
    if event.uid != change.base.uid:
        return f"{change.target} was deleted and made anew meanwhile: {_AGAIN}"
    known = (ledger.checked or {}).get("fingerprints", {}).get(change.id)
    if known is not None and fingerprint(event.raw, change, context.options.secret) != known:
        return f"somebody changed the fields of {change.target} that this change is about: {_AGAIN}"
    return _ending(change, event)


def _ending(change: Planned, event: Found) -> str:
    ending = value_at(event.raw, ("metadata", "deletionTimestamp"))
    return f"{change.target} is being deleted: {_AGAIN}" if ending else ""


def told(change: Planned, event: Failed) -> str:
    target = change.target
    match event.why:
        case Why.CONFLICT:
            who = ", ".join(event.managers) or "another manager"
            return f"{target}: {event.message} belongs to {who}"
        case Why.FORBIDDEN:
            return f"{target}: not allowed: {event.message}"
        case Why.REJECTED:
            return f"{target}: rejected: {event.message}"
        case _:
            return f"{target}: {event.message}"
