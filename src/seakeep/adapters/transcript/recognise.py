"""Tells transcripts from other text, without what it takes to read one."""

from __future__ import annotations

import re

from seakeep.adapters.transcript import split, tables
from seakeep.adapters.transcript.screen import cleaned


def looks_like_transcript(text: str) -> bool:
    """Kubectl commands, or kubectl's output without them."""
    head = cleaned(text[:200_000])
    if any(split.is_command(line) for line in head.splitlines()[:2000]):
        return True
    if head.lstrip()[:1] in {"{", "["}:
        return any(command for command, _ in split.pairs(text))
    return any(tables.is_header(line) for line in head.splitlines()[:50]) or bool(
        re.search(r"^Name:\s+\S+\n(?:Namespace:|Labels:|Roles:|Priority)", head, re.MULTILINE)
    )
