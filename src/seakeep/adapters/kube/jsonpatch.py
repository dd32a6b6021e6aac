"""One JSON Patch (RFC 6902) that leads from an object as it was read to an object as it shall be, and fails where anything that it replaces has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Operation = dict[str, Any]


def patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Operation]:
    """Empty where nothing differs. The test of resourceVersion makes places in lists safe; the others say what was meant."""
    found = list(_operations("", old, new))
    if not found:
        return []
    version = old.get("metadata", {}).get("resourceVersion")
    first = [{"op": "test", "path": "/metadata/resourceVersion", "value": version}] if version else []
    return [*first, *found]


def _operations(at: str, old: Any, new: Any) -> Iterator[Operation]:
    if old == new and type(old) is type(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            path = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in new:
                yield {"op": "test", "path": path, "value": old[key]}
                yield {"op": "remove", "path": path}
            elif key not in old:
                yield {"op": "add", "path": path, "value": new[key]}
            else:
                yield from _operations(path, old[key], new[key])
    elif _side_by_side(old, new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _operations(f"{at}/{place}", one, other)
    else:
        yield {"op": "test", "path": at, "value": old}
        yield {"op": "replace", "path": at, "value": new}


def _side_by_side(old: Any, new: Any) -> bool:
    """Lists of as many maps: entries are changed where they stand."""
    return (
        isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
        and all(isinstance(entry, Mapping) for entry in (*old, *new))
    )
