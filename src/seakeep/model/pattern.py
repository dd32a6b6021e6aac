"""Regular expressions that are compiled when they are first asked: a run asks a fraction of what the catalog knows."""

from __future__ import annotations

import re
from typing import Any, cast


class _Late:
    """Takes a pattern's place. Its methods become attributes at the first question, so that later ones cost nothing more."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value

    def __repr__(self) -> str:
        return f"late({self._source!r}, {self._flags})"


def late(source: str, flags: int = 0) -> re.Pattern[str]:
    """Like `re.compile`, where a mistake in the expression shows itself at its first use: tests compile them all."""
    return cast("re.Pattern[str]", _Late(source, flags))
