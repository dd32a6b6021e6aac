"""Who owns which field, from an object's `metadata.managedFields` (FieldsV1 of structured-merge-diff)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from seakeep.model.fields import Path, keys_at, leaves, merged, path_of, placed, text_of, value_at, without

_MISSING = object()


def owners(raw: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """The managers of what stands at the path, or of anything in it, in order of their names."""
    found = set()
    for entry in _entries(raw):
        node = _at(entry.get("fieldsV1"), path)
        if isinstance(node, Mapping):
            found.add(str(entry.get("manager") or "unknown"))
    return tuple(sorted(found))


def applied_by(raw: Mapping[str, Any], manager: str) -> dict[str, Any]:
    """The fields that the manager has set by server-side apply, with their values now: what it must repeat, or they are dropped."""
    patch: dict[str, Any] = {}
    for entry in _entries(raw):
        if entry.get("manager") != manager or entry.get("operation") != "Apply" or entry.get("subresource"):
            continue
        for path, value in _owned(entry.get("fieldsV1") or {}, raw, ()):
            patch = merged(patch, placed(path, value))
    return patch


def narrowed(raw: Mapping[str, Any], remove: Sequence[str], ours: Sequence[str], manager: str) -> tuple[str, ...]:
    """What to take away of an object to undo a write: a branch that the write brought, or, where others have put something into it since, only our own leaves of it."""
    mine = [path_of(text) for text in ours]
    found: list[str] = []
    for text in remove:
        branch = path_of(text)
        inside = [path for path in mine if path[: len(branch)] == branch]
        rest = raw
        for path in inside:
            rest = without(rest, path)
        others = {name for path, _ in _owned_below(rest, branch) for name in owners(rest, path)} - {manager}
        found += [text_of(path) for path in inside] if others and inside != [branch] else [text]
    return tuple(dict.fromkeys(found))


def _owned_below(raw: Mapping[str, Any], branch: Path) -> Iterator[tuple[Path, Any]]:
    value = value_at(raw, branch, _MISSING)
    if value is not _MISSING:
        yield from ((path, each) for path, each in leaves(value, branch) if each not in ({}, []))


def _entries(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in value_at(raw, ("metadata", "managedFields")) or ():
        if isinstance(entry, Mapping):
            yield entry


def _owned(node: Mapping[str, Any], value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Path and value of every leaf of the set. `{}` owns all that is there; `{".": {}}` only that it is there."""
    if value is _MISSING:
        return
    if not node:
        yield path, value
        return
    if "." in node and path and isinstance(path[-1], str) and len(node) == 1:
        yield path, {} if isinstance(value, Mapping) else []
    for key, child in sorted(node.items()):
        kind, _, rest = key.partition(":")
        if kind == "f":
            yield from _owned(child, value_at(value, (rest,), _MISSING), (*path, rest))
        elif kind == "k":
            yield from _entry(child, value, path, msgspec.json.decode(rest))
        elif kind in {"v", "i"}:  # entries of sets and of plain lists: replaced as a whole
            yield path, value


def _entry(node: Mapping[str, Any], value: Any, path: Path, item: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    keys = keys_at(path)
    if keys is None:
        yield path, value
        return
    step = tuple((name, item.get(name)) for name in keys)
    found = value_at(value, (step,), _MISSING)
    if found is not _MISSING:
        yield (*path, step), {}
        yield from _owned({key: child for key, child in node.items() if key != "."} or {".": {}}, found, (*path, step))


def _at(node: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(node, Mapping):
            return None
        if isinstance(step, str):
            node = node.get(f"f:{step}")
        else:
            wanted = dict(step)
            node = next(
                (child for key, child in node.items() if key.startswith("k:") and _same(key[2:], wanted)),
                None,
            )
    return node


def _same(text: str, wanted: Mapping[str, Any]) -> bool:
    found: Mapping[str, Any] = msgspec.json.decode(text)
    return all(found.get(key) == value for key, value in wanted.items())
