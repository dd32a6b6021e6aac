"""Manifests among what was printed: JSON or YAML, with warnings between its lines, cut off at its end."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import yamls
from seakeep.adapters.files.limits import LIMITS
from seakeep.adapters.transcript.inlaid import end_of

# client-go prints them to stderr, which a pasted text does not keep apart ("Warning: v1 Endpoints is deprecated in v1.33+; …").
_WARNING = re.compile(r"^Warning: .*\n?", re.MULTILINE)
_ITEMS = re.compile(r'"items":\s*\[')


def documents(text: str) -> tuple[list[Any], bool]:
    """The documents, and whether they are all: of a list that is cut off, its whole items are kept. Raises SourceError where nothing can be read."""
    text = _WARNING.sub("", text)
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return [msgspec.json.decode(text)], True
        except (msgspec.DecodeError, RecursionError):
            pass
        try:
            # Words of whoever pasted it follow.
            return [json.JSONDecoder().raw_decode(text.lstrip())[0]], True
        except (ValueError, RecursionError):
            return _whole_items(text), False
    try:
        return list(yamls.documents(text.encode("utf-8", "replace"), LIMITS)), True
    except SourceError:
        lines = text.split("\n")
        # Words of whoever pasted it follow.
        if 0 < (end := end_of(lines)) < len("\n".join(lines).rstrip().split("\n")):
            return documents("\n".join([*lines[:end], ""]))
        shorter, found, _ = text.rpartition("\n- ")
        if not found or not re.search(r"^items:", shorter, re.MULTILINE):
            raise
        return list(yamls.documents(f"{shorter}\n".encode("utf-8", "replace"), LIMITS)), False


def _whole_items(text: str) -> list[Any]:
    start = _ITEMS.search(text)
    if not start:
        raise SourceError("not valid JSON")
    decoder, position, items = json.JSONDecoder(), start.end(), []
    while True:
        position = _next(text, position)
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        items.append(item)
    if not items:
        raise SourceError("not valid JSON")
    return items


def _next(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position
