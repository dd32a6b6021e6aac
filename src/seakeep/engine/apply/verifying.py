"""What a run wrote, against what is there now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from seakeep.engine.apply.ledger import Ledger, Sent
from seakeep.engine.apply.marks import is_mark, shown
from seakeep.engine.apply.others import others
from seakeep.model.commands import Absent, Condition, Event, Failed, Found, Health
from seakeep.model.fields import has, path_of, value_at
from seakeep.model.plan import Planned
from seakeep.model.verification import Difference


def written(changes: Sequence[Planned], ledger: Ledger) -> list[tuple[Planned, Sent]]:
    """What stands by the journal's word: written and not undone. Of several writes to an object, the fields of all of them."""
    pairs = [(change, ledger.sent.get(change.id)) for change in changes]
    return [(change, sent) for change, sent in pairs if sent is not None and sent.applied and not sent.undone]


def compare(
    change: Planned, sent: Sent, event: Event, health: Health | None, secret: Callable[[Any], Any]
) -> Iterator[Difference]:
    """`secret` masks what is shown."""
    if isinstance(event, Failed):
        yield Difference(change.id, "", f"{change.target} cannot be read: {event.message}")
    elif isinstance(event, Absent) or not isinstance(event, Found):
        yield Difference(change.id, "", f"{change.target} is gone")
    elif sent.uid and event.uid != sent.uid:
        yield Difference(change.id, "", f"{change.target} was deleted and made anew")
    else:
        yield from _fields(change, sent, event, secret)
        if health is not None and health.status is not Condition.CURRENT:
            message = f": {health.message}" if health.message else ""
            yield Difference(change.id, "", f"{change.target} is {health.status}{message}")


def _fields(change: Planned, sent: Sent, event: Found, secret: Callable[[Any], Any]) -> Iterator[Difference]:
    for text, wrote in sorted(sent.wrote.items()):
        path = path_of(text)
        if is_mark(text):
            continue  # a later plan leaves its own
        if not has(event.raw, path):
            yield Difference(change.id, text, f"{text} of {change.target} is gone")
        elif value_at(event.raw, path) != wrote:
            who = others(event.raw, path)
            now, wanted = (shown(path, value, secret) for value in (value_at(event.raw, path), wrote))
            yield Difference(change.id, text, f"{text} of {change.target} is {now}, not {wanted}: set by {who}")
    for text in change.remove:
        if has(event.raw, path_of(text)):
            yield Difference(change.id, text, f"{text} of {change.target} is there again")
