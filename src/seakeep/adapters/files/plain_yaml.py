"""YAML of the shape that kubectl and people write, read line by line: block mappings and sequences, scalars on one line, literal blocks, flat flow sequences.

Thirty times as fast as a full parser, because most lines of manifests repeat. Whatever is not certainly of that shape raises Doubt, and is for the full parser to judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_Resolve = Callable[[str], Any]
# Indent, sequence dash, key (plain or quoted), value, comment. Plain scalars hold no `: ` and no ` #`.
_QUOTED = r"\"(?:[^\"\\]|\\[\"\\/bfnrt])*\"|'(?:[^']|'')*'"
_PLAIN = r"(?:[A-Za-z0-9_./~+$(<=^\\;]|-(?=[^ ]))(?:[^ :#]|:(?=[^ ])|(?<=[^ ])#| +(?=[^ #]))*"
_LINE = re.compile(
    rf"(?P<indent> *)(?P<dash>- +)?(?:(?P<key>[A-Za-z_./](?:[^ :#]|:(?=[^ ]))*|{_QUOTED}):(?= |$))?"
    rf" *(?P<value>{_QUOTED}|{_PLAIN}|\[[^\[\]{{}}#:]*\]|\{{ *\}}|\|-?)? *(?:(?<= )#.*)?"
)
_ITEM = re.compile(rf" *({_QUOTED}|(?:[A-Za-z0-9_./]|-(?=[A-Za-z0-9_./-]))[A-Za-z0-9_./=+-]*) *(?:,|$)")
# What libyaml takes for line breaks or refuses, beside what lines are made of here.
_ORDINARY = re.compile(r"[\n -~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")
_BLANK = re.compile(r" *(?:#.*)?")
_NOTHING = object()
_MAX_KNOWN = 50_000
_MAX_DEPTH = 100

# indent, column of what follows the dash, whether there is a dash, key, value
_Parsed = tuple[int, int, bool, str | None, Any]


class Doubt(Exception):  # noqa: N818 - no error: a question for the full parser
    """The text needs the full parser."""


class LineReader:
    """Reads documents; lines that were seen before are not taken apart again. `resolve` gives a plain scalar's value as the full parser would, or raises Doubt."""

    def __init__(self, resolve: _Resolve) -> None:
        self._resolve = resolve
        self._known: dict[str, _Parsed | None] = {}

    def document(self, text: str) -> Any:
        """The value of one document. Raises Doubt."""
        if not _ORDINARY.fullmatch(text):
            raise Doubt
        return self._read(text.split("\n"))

    def _read(self, lines: list[str]) -> Any:
        known = self._known
        root: Any = None
        stack: list[tuple[int, Any]] = []  # column and container, outermost first
        open_at: int | None = None  # column of a key that has no value yet; it is the last key of the innermost mapping
        last: Any = None  # that key
        position, end = 0, len(lines)
        while position < end:
            line = lines[position]
            position += 1
            parsed = known[line] if line in known else self._parse(line)
            if parsed is None:
                continue
            indent, column, dash, key, value = parsed
            if open_at is not None:
                holder = stack[-1][1]
                if indent > open_at or (dash and indent == open_at):
                    inner: Any = [] if dash else {}
                    holder[last] = inner
                    stack.append((indent, inner))
                open_at = None
            elif not stack:
                root = [] if dash else {}
                stack.append((indent, root))
            while stack and (
                stack[-1][0] > indent or (not dash and stack[-1][0] == indent and type(stack[-1][1]) is list)
            ):
                stack.pop()
            if not stack or stack[-1][0] != indent or len(stack) > _MAX_DEPTH:
                raise Doubt
            holder = stack[-1][1]
            if dash:
                if type(holder) is not list:
                    raise Doubt
                if key is None:
                    holder.append(value.copy() if type(value) in {list, dict} else value)
                    continue
                inner = {}
                holder.append(inner)
                stack.append((column, inner))
                holder = inner
            elif type(holder) is not dict or key is None:
                raise Doubt
            if value is _NOTHING:
                holder[key] = None
                open_at, last = column, key
            elif type(value) is _Block:
                holder[key], position = _block(lines, position, column, value)
            else:
                holder[key] = value.copy() if type(value) in {list, dict} else value
        return root

    def _parse(self, line: str) -> _Parsed | None:
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        parsed = None if _BLANK.fullmatch(line) else self._taken_apart(line)
        self._known[line] = parsed
        return parsed

    def _taken_apart(self, line: str) -> _Parsed:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Doubt
        indent, dash, key, text = match["indent"], match["dash"], match["key"], match["value"]
        if key is None and (not dash or text is None or text[0] == "|"):
            raise Doubt
        if key is not None:
            key = self._scalar(key)
            if not isinstance(key, str):
                raise Doubt
        value = _NOTHING if text is None else self._value(text)
        return len(indent), len(indent) + len(dash or ""), bool(dash), key, value

    def _value(self, text: str) -> Any:
        if text[0] == "|":
            return _Block(text == "|-")
        if text[0] == "{":
            return {}
        if text[0] != "[":
            return self._scalar(text)
        inside, values, start = text[1:-1].rstrip(" "), [], 0
        while start < len(inside):
            match = _ITEM.match(inside, start)
            if match is None:
                raise Doubt
            values.append(self._scalar(match[1]))
            start = match.end()
        return values

    def _scalar(self, text: str) -> Any:
        if text[0] == '"':
            return json.loads(text)
        if text[0] == "'":
            return text[1:-1].replace("''", "'")
        return self._resolve(text)


class _Block:
    """The head of a literal block: `|`, or `|-`, which drops the last line break."""

    __slots__ = ("strip",)

    def __init__(self, strip: bool) -> None:
        self.strip = strip


def _block(lines: list[str], position: int, column: int, head: _Block) -> tuple[str, int]:
    """The block's text, and the position of the line after it."""
    if position >= len(lines) or not lines[position].strip(" "):
        raise Doubt
    first = lines[position]
    margin = len(first) - len(first.lstrip(" "))
    if margin <= column:
        raise Doubt
    kept = []
    blank = " " * margin
    while position < len(lines):
        line = lines[position]
        if not line.startswith(blank) and line.strip(" "):
            break
        kept.append(line[margin:])
        position += 1
    if position == len(lines) and lines[-1]:
        raise Doubt  # the file ends without a line break, and so does the text
    text = "\n".join(kept).rstrip("\n")
    return text if head.strip else f"{text}\n", position
