"""What an output is, told by itself: the command may be unknown, or a recorder's own name for it."""

from __future__ import annotations

import re
from enum import Enum

from seakeep.adapters.transcript import headerless, tables

_MANIFEST = re.compile(r"(?:---[^\S\n]*\n\s*)?[\"']?(?:apiVersion|kind|items|metadata)[\"']?:(?:\s|$)")
_JSON = re.compile(
    r"\{(?!\"(?:level|lvl|log\.level|severity|ts|time|timestamp|@timestamp|msg|message)\":)|\[\s*[\[{\"\]]"
)
_DESCRIPTION = re.compile(r"^Name:[ \t]+\S", re.MULTILINE)
_WARNING = re.compile(r"\s*(?:Warning: .*\n\s*)*")


class Form(Enum):
    MANIFEST = "manifest"
    DESCRIPTION = "description"
    USAGE = "usage"
    TABLE = "table"
    OTHER = "other"


def form_of(text: str, output: str, kinds: tuple[str, ...], known: dict[str, tuple[str, ...]] | None = None) -> Form:
    """`output` is the value of -o, `kinds` what the command asked for; both may be empty, and both may be wrong. `known` are the columns of tables shown before."""
    start = _WARNING.match(text)
    body = text[start.end() :] if start else text
    if _JSON.match(body) or _MANIFEST.match(body):
        return Form.MANIFEST
    if _DESCRIPTION.search(text):
        return Form.DESCRIPTION
    head = [line for line in text.splitlines()[:2000] if line.strip()]
    headers = [line for line in head if tables.is_header(line)]
    if any("CPU(cores)" in line for line in headers):
        return Form.USAGE
    if headers or any(headerless.row(line, kinds, known) for line in head[:50]):
        if not headers and not kinds and all(_usage(line) for line in head[:50]):
            return Form.USAGE
        return Form.TABLE
    return Form.MANIFEST if output.partition("=")[0] in {"json", "yaml"} else Form.OTHER


def _usage(line: str) -> bool:
    found = headerless.row(line, ())
    return bool(found and found[0] == "Usage")
