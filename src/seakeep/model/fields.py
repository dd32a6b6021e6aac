"""Fields of a Kubernetes object: paths, and server-side apply's merge on plain JSON values.

A path is a tuple of steps: a map's key, or for an entry of a list the fields that tell it from its neighbours, as ((field, value), …). As text:
`spec.template.spec.containers[name=web].env[name=A].value`, `metadata.labels["app.kubernetes.io/name"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Item = tuple[tuple[str, Any], ...]
Path = tuple[str | Item, ...]

# The fields that Kubernetes merges lists by (`x-kubernetes-list-map-keys` of its OpenAPI document); every other list is replaced as a whole.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "schedulingGates": ("name",),
    "webhooks": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
}
# `ports` of a container and of a Service; those of a NetworkPolicy and of an EndpointSlice are replaced as a whole.
_CONTAINER_PORTS, _SERVICE_PORTS = ("containerPort", "protocol"), ("port", "protocol")
_LISTS_OF_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})
_DEFAULTS = {"protocol": "TCP"}
_PLAIN = re.compile(r"[A-Za-z0-9_$-]+")
_STEP = re.compile(
    r"""\.?(?P<key>[A-Za-z0-9_$-]+)|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<item>[A-Za-z]+=[^\]]*)\]""",
)


class PathError(ValueError):
    """A text that is no path, or a path that an object cannot have; the message says where."""


def text_of(path: Path) -> str:
    """The path as text."""
    parts: list[str] = []
    for step in path:
        if not isinstance(step, str):
            parts.append("[" + ",".join(f"{key}={value}" for key, value in step) + "]")
        elif _PLAIN.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'["{escaped}"]')
    return "".join(parts)


def path_of(text: str) -> Path:
    """The text as a path. Numbers in `[containerPort=8080,protocol=TCP]` are numbers. Raises PathError."""
    steps: list[str | Item] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise PathError(f"not a field path from character {position + 1} on: {text[:200]}")
        if match["key"] is not None:
            steps.append(match["key"])
        elif match["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        else:
            pairs = (part.partition("=") for part in match["item"].split(","))
            steps.append(tuple((key, int(value) if value.isdigit() else value) for key, _, value in pairs))
        position = match.end()
    return tuple(steps)


def keys_at(path: Path) -> tuple[str, ...] | None:
    """The fields that entries of the list at the path are told apart by; None where it is replaced as a whole."""
    if not path or not isinstance(path[-1], str):
        return None
    if path[-1] != "ports":
        return _KEYS.get(path[-1])
    holders = [step for step in path[:-1] if isinstance(step, str)]
    if holders and holders[-1] in _LISTS_OF_CONTAINERS:
        return _CONTAINER_PORTS
    return _SERVICE_PORTS if path == ("spec", "ports") else None


def item_of(entry: Any, keys: Sequence[str]) -> Item | None:
    """The step that names a list's entry; None for an entry without one of the keys."""
    if not isinstance(entry, Mapping):
        return None
    pairs = tuple((key, entry.get(key, _DEFAULTS.get(key))) for key in keys)
    return pairs if all(isinstance(value, str | int) for _, value in pairs) else None


def merged(old: Any, new: Any, path: Path = ()) -> Any:
    """`old` with the fields of `new` set, as server-side apply sets them. Nothing is removed."""
    if isinstance(new, Mapping):
        found = dict(old) if isinstance(old, Mapping) else {}
        for key, value in new.items():
            found[key] = merged(found.get(key), value, (*path, key))
        return found
    keys = keys_at(path)
    if keys and isinstance(new, list | tuple) and isinstance(old, list | tuple):
        return _merged_lists(old, new, keys, path)
    return list(new) if isinstance(new, tuple) else new


def _merged_lists(old: Sequence[Any], new: Sequence[Any], keys: Sequence[str], path: Path) -> list[Any]:
    """A list whose entries do not all have the keys is replaced as a whole."""
    places = {item_of(entry, keys): place for place, entry in enumerate(old)}
    items = [item_of(entry, keys) for entry in new]
    if None in places or None in items:
        return list(new)
    found = list(old)
    for item, entry in zip(items, new, strict=True):
        place = places.get(item)
        if place is None:
            found.append(entry)
        else:
            found[place] = merged(found[place], entry, (*path, item))  # type: ignore[arg-type]
    return found


_MISSING = object()
# Most objects are dictionaries, and the abstract kind is slow to ask for.
_MAPS = (dict, Mapping)


def value_at(item: Any, path: Path, default: Any = None) -> Any:
    """The value at the path, or the default where the object has none."""
    there, found = _walked(item, path)
    return found if there == len(path) else default


def maps(value: Any) -> list[Mapping[str, Any]]:
    """Those in a list; none where it is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _walked(item: Any, path: Path) -> tuple[int, Any]:
    """How many steps of the path the object has, and the value where the last of them leads."""
    for length, step in enumerate(path):
        if isinstance(step, str):
            inner = item.get(step, _MISSING) if isinstance(item, _MAPS) else _MISSING
        else:
            inner = next((entry for entry in _entries(item) if _is(entry, step)), _MISSING)
        if inner is _MISSING:
            return length, item
        item = inner
    return len(path), item


def has(item: Any, path: Path) -> bool:
    return _walked(item, path)[0] == len(path)


def without(item: Any, path: Path) -> Any:
    """The object less what is at the path; the same object where there is nothing."""
    if not path or not has(item, path):
        return item
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        if not rest:
            return {key: value for key, value in item.items() if key != step}
        return {**item, step: without(item[step], rest)}
    if not rest:
        return [entry for entry in item if not _is(entry, step)]
    return [without(entry, rest) if _is(entry, step) else entry for entry in item]


def leaves(patch: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Path and value of everything that a patch sets, in its order. An empty map is a value; the keys of a list's entries are not set, they only say which."""
    if isinstance(patch, Mapping) and (patch or not path):
        for key, value in patch.items():
            yield from leaves(value, (*path, key))
        return
    keys = keys_at(path)
    if not keys or not isinstance(patch, list | tuple) or not patch:
        yield path, patch
        return
    items = [item_of(entry, keys) for entry in patch]
    if None in items:
        yield path, patch
        return
    for item, entry in zip(items, patch, strict=True):
        inner = {key: value for key, value in entry.items() if key not in keys}
        if inner:
            yield from leaves(inner, (*path, item or ()))
        else:
            yield (*path, item or ()), entry


def placed(path: Path, value: Any) -> Any:
    """The smallest patch that has the value at the path."""
    for step in reversed(path):
        if isinstance(step, str):
            value = {step: value}
        else:
            value = [{**dict(step), **value}] if isinstance(value, Mapping) else [dict(step)]
    return value


def undo(old: Any, patch: Mapping[str, Any], remove: Sequence[str] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What leads back to `old` from where the patch and the removals lead: fields to set again, and fields to remove.

    A whole branch that `old` lacks is removed at its root, not leaf by leaf, so that no empty maps stay behind.
    """
    back: dict[str, Any] = {}
    gone: dict[Path, None] = {}
    for path in (*(path for path, _ in leaves(patch)), *map(path_of, remove)):
        there, found = _walked(old, path)
        if there == len(path) or not _holds(found, path[there], path[:there]):
            back = merged(back, placed(path[:there], found))
        else:
            gone[path[: there + 1]] = None
    return back, tuple(text_of(path) for path in gone)


def _holds(value: Any, step: str | Item, path: Path) -> bool:
    """Whether what the step names can be added to the value, or would replace it."""
    if isinstance(step, str):
        return isinstance(value, Mapping)
    keys = keys_at(path) or ()
    return isinstance(value, list | tuple) and all(item_of(entry, keys) is not None for entry in value)


def _entries(item: Any) -> Sequence[Any]:
    return item if isinstance(item, list | tuple) else ()


def _is(entry: Any, item: Item) -> bool:
    return isinstance(entry, Mapping) and all(entry.get(key, _DEFAULTS.get(key)) == value for key, value in item)
