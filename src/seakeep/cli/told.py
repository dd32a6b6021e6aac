"""The options that a run was given: kept in its journal, and told again in the commands that follow."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seakeep.adapters.journal import Journal
    from seakeep.model.again import Again

Given = Mapping[str, Any]
_WHERE, _LEASE = ("--context", "--kubeconfig"), ("--lease-namespace",)
_FORWARD = ("--platform", "--no-scores", "--force-conflicts", "--no-rollback", "--approve", "--gate-timeout")


def again(given: Given, journal: str | None, back: str = "") -> Again:
    """`back` is what a rollback alone was given."""
    from seakeep.adapters.secret_text import text as masked
    from seakeep.model.again import Again

    # A password in the address of a journal is for nobody's log.
    place = {"--journal": masked(journal)} if journal else {}
    return Again(_flags(place) + _flags(given, _WHERE), _flags(given, _LEASE), _flags(given, _FORWARD), back)


def kept(before: Given, given: Given) -> dict[str, Any]:
    """Of the options that a run was begun with, those that it goes on with, because no others are given. Whether each wave is to be approved is asked anew: whoever paused it there resumes it."""
    names = [name for name in (*_WHERE, *_LEASE, *_FORWARD) if name not in {"--approve", "--platform"}]
    if any(given.get(name) for name in _WHERE):  # a context is one of its file
        names = [name for name in names if name not in _WHERE]
    return {name: before[name] for name in names if before.get(name) and not given.get(name)}


def shown(given: Given) -> str:
    return _flags(given).strip()


def told_of(journal: Journal, run: str) -> dict[str, Any]:
    """With what it was begun, or gone on with last; nothing where the journal is of before."""
    found: dict[str, Any] = {}
    for item in journal.entries(run):
        if item.entry.kind in {"begun", "resumed"}:
            found = dict(item.entry.data)
    return found


def _flags(given: Given, names: Sequence[str] | None = None) -> str:
    return "".join(_each(given, given if names is None else names))


def _each(given: Given, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = given.get(name)
        if value is True:
            yield f" {name}"
        elif value:
            yield f" {name} {f'{value:g}' if isinstance(value, float) else shlex.quote(str(value))}"
