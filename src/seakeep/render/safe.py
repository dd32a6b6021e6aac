"""Foreign text made harmless before it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# CSI, OSC (ended by BEL or ST) and other escape sequences, then every control character but tab and newline, and the bidirectional overrides.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]?|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# Of those, what JSON and YAML may hold as it is.
OBEYED = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str, limit: int = 0) -> str:
    """Without escape sequences and control characters; cut to `limit` characters (0: not at all)."""
    harmless = _CONTROLS.sub("", _ESCAPES.sub("", text))
    return harmless if not limit or len(harmless) <= limit else f"{harmless[: limit - 1]}…"


def sentences(first: str, second: str) -> str:
    """Two beside each other; a full stop between them where the first has no end of its own."""
    return f"{first}{'' if first.endswith(('.', '?', '!')) else '.'} {second}"


def line(text: str, limit: int = 0) -> str:
    """The same on one line."""
    return plain(" ".join(plain(text).split()), limit)


_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 200  # a file system takes 255 bytes, with the ending


def file_names(wanted: Iterable[str]) -> list[str]:
    """A name of its own for each, that every file system takes and that leads nowhere: `a-b` and `c` make the same as `a` and `b-c`."""
    found: dict[str, None] = {}
    for text in wanted:
        name = stem = _UNFIT.sub("-", text)[:_LONGEST_NAME].lstrip(".")
        number = 1
        while name in found:
            number += 1
            name = f"{stem}-{number}"
        found[name] = None
    return list(found)


def json_text(value: Any) -> str:
    """Indented, with escapes for whatever a terminal would obey, and no end tag for a browser that is handed the JSON inside a page."""
    import msgspec

    return _escaped(msgspec.json.format(msgspec.json.encode(value), indent=2)).replace("</", "<\\/") + "\n"


def json_line(value: Any) -> str:
    """On one line, with the same escapes."""
    import msgspec

    return _escaped(msgspec.json.encode(value)) + "\n"


def _escaped(json: bytes) -> str:
    return OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.decode())
