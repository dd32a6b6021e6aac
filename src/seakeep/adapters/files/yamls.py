"""YAML as kubectl writes and people edit it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import jsons
from seakeep.adapters.files.limits import LIMITS, Limits
from seakeep.adapters.files.plain_yaml import Doubt, LineReader
from seakeep.adapters.files.yaml_scalars import plain
from seakeep.model.snapshot import Unread

# A document may begin with a comment, but not with content on this line: that is left to the full parser.
_SEPARATOR = re.compile(r"^---(?: +#.*| *)(?:\n|\Z)", re.MULTILINE)


def documents(data: bytes, limits: Limits = LIMITS) -> Iterator[Any]:
    """The documents of a stream. Raises SourceError for what is no YAML, and for bombs."""
    if len(data) > limits.yaml_file:
        raise SourceError("the YAML file is too large", "Dump it as JSON: that is read many times faster.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("not UTF-8 text", "Write it as UTF-8, or dump it again.") from error
    pieces = _pieces(text)
    reader, line = LineReader(plain), 0
    for piece in pieces:
        try:
            yield reader.document(piece)
        except Doubt:
            # Imported where it is needed: most files never do.
            from seakeep.adapters.files.full_yaml import fully

            yield from fully(piece, line, limits)
        line += piece.count("\n") + 1


def _pieces(text: str) -> list[str]:
    """What stands between the separators, each with its last line break."""
    lines = f"\n{text}"
    separators = lines.count("\n---")
    if ("%" in lines and "\n%" in lines) or "\n..." in lines:
        return [text]
    first, *others = lines.split("\n---\n")
    if separators == len(others):
        # The plainest separators alone, as nearly always: no pattern is needed to find them.
        if not others:
            return [text]
        before = "" if text.startswith("---\n") else f"{first[1:]}\n"
        return [before, *(f"{piece}\n" for piece in others[:-1]), others[-1]]
    pieces = _SEPARATOR.split(text)
    # Directives, document ends, and separators with content tie documents together.
    return pieces if separators == len(pieces) - 1 else [text]


def load(data: bytes, assembly: Assembly) -> bool:
    """Add the Kubernetes objects of a stream; documents that are none are noted. False where none was found."""
    found = False
    for document in documents(data):
        if document is None:
            continue
        if jsons.load_value(document, assembly):
            found = True
        elif isinstance(document, dict) and (document.get("kind") or document.get("apiVersion")):
            assembly.unread.append(Unread(str(document.get("kind") or "object")[:60], "", "not a Kubernetes object"))
    return found
