"""Tells transcripts from other text, without what it takes to read one."""

from __future__ import annotations

import re

from seakeep.adapters.transcript import split, tables
from seakeep.adapters.transcript.screen import cleaned
from seakeep.model.pattern import late

# How a file of manifests begins, whatever remarks stand before it.
_MANIFEST = late(r"(?P<remarks>(?:\s*(?:#[^\n]*|---[^\n]*)?\n)*)(?:apiVersion|kind|metadata):\s")
# At a superuser's prompt, whose answer manifests may be.
_SHOWS = late(r"\s(?:get|view|-o)\s")


def looks_like_transcript(text: str) -> bool:
    """Kubectl commands, or kubectl's output without them."""
    head = cleaned(text[:200_000])
    written = _MANIFEST.match(head)
    # What is indented in manifests is a script's, and what stands before them tells how to apply them.
    remarks = written["remarks"].count("\n") if written and not _SHOWS.search(written["remarks"]) else 0
    lines = head.splitlines()[remarks:2000]
    if any(split.is_command(line) for line in lines if not (written and line[:1] == " ")):
        return True
    if head.lstrip()[:1] in {"{", "["}:
        return any(command for command, _ in split.pairs(text))
    return any(tables.is_header(line) for line in head.splitlines()[:50]) or bool(
        re.search(r"^Name:\s+\S+\n(?:Namespace:|Labels:|Roles:|Priority)", head, re.MULTILINE)
    )
