"""A plan as a unified diff of the fields that it touches."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from seakeep.model.fields import merged, path_of, without
from seakeep.model.plan import Plan, Planned
from seakeep.render.safe import plain
from seakeep.render.yamls import dump

_RED, _GREEN, _BOLD, _END = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"


def plan_diff(plan: Plan, *, color: bool) -> str:
    """Each change in the order of the waves; what it does not touch is not shown."""
    lines = [line for change in plan.changes for line in change_diff(change)]
    return "".join(_coloured(line, color=color) for line in lines) or "no changes\n"


def fields_diff(change: Planned) -> list[str]:
    """Without the two lines that only name the object."""
    return [text.rstrip("\n") for text in change_diff(change)][2:]


def change_diff(change: Planned) -> Iterator[str]:
    """The lines of one change, with their ends."""
    before, after = sides(change)
    old = dump(before).splitlines(keepends=True) if before else []
    new = dump(after).splitlines(keepends=True) if after else []
    name = change.id if change.base.exists else "/dev/null"
    for line in difflib.unified_diff(old, new, name, change.id, n=3):
        yield plain(line)


def sides(change: Planned) -> tuple[object, object]:
    """The touched fields before and after."""
    if not change.base.exists:
        space = {"namespace": change.target.namespace} if change.target.namespace else {}
        start = {"apiVersion": change.api_version, "kind": change.target.kind, "metadata": {"name": change.target.name, **space}}  # fmt: skip
        return None, merged(start, change.patch)
    before = change.undo.patch
    after = merged(before, change.patch)
    for text in change.remove:
        after = without(after, path_of(text))
    return before, after


def _coloured(line: str, *, color: bool) -> str:
    if not color:
        return line
    if line.startswith(("---", "+++")):
        return f"{_BOLD}{line.rstrip()}{_END}\n"
    shade = _RED if line.startswith("-") else _GREEN if line.startswith("+") else ""
    return f"{shade}{line.rstrip()}{_END}\n" if shade else line
