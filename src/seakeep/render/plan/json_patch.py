"""What leads from one object to another as a JSON patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def operations(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[dict[str, Any]]:
    """In order of the fields' names. A list that differs is replaced whole: it stands there as it is to be."""
    for key in sorted({*old, *new}):
        at = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in new:
            yield {"op": "remove", "path": at}
        elif key not in old:
            yield {"op": "add", "path": at, "value": new[key]}
        elif isinstance(old[key], Mapping) and isinstance(new[key], Mapping):
            yield from operations(old[key], new[key], at)
        elif old[key] != new[key]:
            yield {"op": "replace", "path": at, "value": new[key]}
