"""The changes of a plan for Markdown: repairs and short differences in full, what is alike together, and of the rest the fields."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from seakeep.model.fields import Path, leaves, path_of
from seakeep.model.plan import Plan, Planned
from seakeep.render.plan.diff import fields_diff
from seakeep.render.plan.waves import REPAIRS
from seakeep.render.report.markdown import plain_text
from seakeep.render.safe import plain

_PART = re.compile(r" \d+ of \d+$")
_SHORT, _NAMES, _ALIKE = 8, 12, 3
_TEMPLATE = ("spec", "template", "spec")


def changes(plan: Plan, states: Mapping[str, str], heading: str) -> Iterator[str]:
    """`states` is what became of each change, empty where nothing was done yet."""
    for name, group in _waves(plan).items():
        yield f"{heading} {plain_text(name)} ({len(group)})"
        for alike in _alike(group, states):
            state = f"{states.get(alike[0].id, 'waiting')}: " if states else ""
            yield _told(alike, state, whole=name in REPAIRS and len(alike) <= _ALIKE)


def _waves(plan: Plan) -> dict[str, list[Planned]]:
    """Those that are parts of one together."""
    found: dict[str, list[Planned]] = defaultdict(list)
    for wave in plan.waves:
        found[_PART.sub("", wave.name)] += wave.changes
    return found


def _alike(group: Sequence[Planned], states: Mapping[str, str]) -> list[list[Planned]]:
    found: dict[tuple[object, ...], list[Planned]] = defaultdict(list)
    for change in group:
        rules = tuple(dict.fromkeys(reason.rule for reason in change.reasons))
        key = (change.target.kind, change.base.exists, change.risk, rules, states.get(change.id), change.reverted_by)
        found[key].append(change)
    return list(found.values())


def _told(group: Sequence[Planned], state: str, *, whole: bool) -> str:
    first = group[0]
    verb = "change" if first.base.exists else "create"
    names = [f"{item.target.namespace}/{item.target.name}".lstrip("/") for item in group]
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    what = f"{len(group)} {first.target.kind}s: " if len(group) > 1 else f"{first.target.kind} "
    rules = ", ".join(dict.fromkeys(reason.rule for reason in first.reasons))
    head = (
        f"- {state}{verb} {plain_text(what + ', '.join(names[:_NAMES]) + more)}, {first.risk} risk. {plain_text(rules)}"
    )
    kept = f" ({plain_text(first.reverted_by)})" if first.reverted_by else ""
    if whole:
        why = "; ".join(dict.fromkeys(reason.why for item in group for reason in item.reasons if reason.why))
        return f"{head}: {plain_text(why)}{kept}\n\n" + "\n\n".join(_code(fields_diff(item)) for item in group)
    found = [fields_diff(item) for item in group]
    if len(found[0]) <= _SHORT and all(item == found[0] for item in found):
        return f"{head}{kept}\n\n{_code(found[0])}"
    fields = sorted({text for item in group for text in _fields(item)})
    return f"{head}{kept}; fields: {plain_text(', '.join(fields))}"


def _fields(change: Planned) -> Iterator[str]:
    """As a person would name them: of a container what is set on it, of a pod what is set there."""
    for path in (*(path for path, _ in leaves(change.patch)), *map(path_of, change.remove)):
        yield _field(path)


def _field(path: Path) -> str:
    rest = path[len(_TEMPLATE) :] if path[: len(_TEMPLATE)] == _TEMPLATE else path
    names = [part for part in rest if isinstance(part, str)]
    if names[0] in {"containers", "initContainers"}:
        return names[1] if len(names) > 1 else names[0]
    return names[0] if rest is not path else ".".join(names[:2])


def _code(lines: Sequence[str]) -> str:
    """Indented code: no text in it can end it."""
    return "\n".join(f"      {plain(line)}" for line in lines)
