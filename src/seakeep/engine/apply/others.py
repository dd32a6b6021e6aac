"""Who else keeps a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.facts.owners.managed_fields import owners
from seakeep.model.fields import Path

_MINE = "seakeep"


def others(raw: Mapping[str, Any], path: Path) -> str:
    """The managers of the field, or of what it is part of: a selector or nodeSelector is owned as a whole."""
    for end in (path, path[:-1]):
        names = [name for name in owners(raw, end) if name != _MINE]
        if names:
            return ", ".join(names)
    return "somebody"
