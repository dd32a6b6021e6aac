"""Names as words of a command that people paste into their shell."""

from __future__ import annotations

import shlex


def quote(text: str) -> str:
    """Names that an API server accepts come out as they are. A dump may hold others: none of them may end a command, start one, or pass for an option."""
    return shlex.quote(f"<{text}>" if text.startswith("-") else text)
