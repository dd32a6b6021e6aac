"""YAML of the shape that kubectl and people write, read line by line: block mappings and sequences, scalars on one line, literal blocks, flat flow sequences.

Thirty times as fast as a full parser, because most lines of manifests repeat. Whatever is not certainly of that shape raises Doubt, and is for the full parser to judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from seakeep.model.pattern import late

_Resolve = Callable[[str], Any]
# Indent, sequence dash, key (plain or quoted), value, comment. Plain scalars hold no `: ` and no ` #`.
_QUOTED = r"\"(?:[^\"\\]|\\[\"\\/bfnrt])*\"|'(?:[^']|'')*'"
_PLAIN = r"(?:[A-Za-z0-9_./~+$(<=^\\;]|-(?=[^ ]))(?:[^ :#]|:(?=[^ ])|(?<=[^ ])#| +(?=[^ #]))*"
_LINE = re.compile(
    rf"(?P<indent> *)(?P<dash>- +)?(?:(?P<key>[A-Za-z_./](?:[^ :#]|:(?=[^ ]))*|{_QUOTED}):(?= |$))?"
    rf" *(?P<value>{_QUOTED}|{_PLAIN}|\[[^\[\]{{}}#:]*\]|\{{ *\}}|\|-?)? *(?:(?<= )#.*)?"
)
# What most lines are, as every expression above reads it: a key and one word.
_WORD = re.compile(r"[A-Za-z/][A-Za-z0-9_./@:-]*[A-Za-z0-9_/]")
_HEAD = re.compile(r"( *)(- +)?([A-Za-z][A-Za-z0-9_./-]*)")
_ITEM = re.compile(rf" *({_QUOTED}|(?:[A-Za-z0-9_./]|-(?=[A-Za-z0-9_./-]))[A-Za-z0-9_./=+-]*) *(?:,|$)")
# What libyaml takes for line breaks or refuses, beside what lines are made of here.
_ORDINARY = late(r"[ -~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")
_BLANK = re.compile(r" *(?:#.*)?")
_GAP = " " * 100
_MAX_KNOWN = 50_000
_LONGEST_PLAN = 1_000  # lines
_MAX_DEPTH = 100

# What a line does, whatever its value: indent, column of what follows the dash, whether there is a dash, key, kind of value.
_Form = tuple[int, int, bool, str | None, str]
_NOTHING, _PLAINLY, _COPIED, _MAP, _LIST = "nothing", "plainly", "copied", "map", "list"
_Parsed = tuple[int, Any]  # number of the form, and the value
# Of a document: which container (by its number, -1 for none) gets what under which key (None: the next entry).
_Step = tuple[int, str | None, str]


class Doubt(Exception):  # noqa: N818 - no error: a question for the full parser
    """The text needs the full parser."""


class LineReader:
    """Reads documents; lines that were seen before are not taken apart again, and documents that differ in values only are put together by one plan.

    `resolve` gives a plain scalar's value as the full parser would, or raises Doubt.
    """

    def __init__(self, resolve: _Resolve) -> None:
        self._resolve = resolve
        self._known: dict[str, _Parsed | None] = {}
        self._heads: dict[str, int] = {}  # by what stands before a word
        self._numbers: dict[_Form, int] = {}
        self._forms: list[_Form] = []
        self._plans: dict[tuple[int, ...], tuple[_Step, ...]] = {}

    def document(self, text: str) -> Any:
        """The value of one document. Raises Doubt."""
        if len(self._known) + len(self._plans) >= _MAX_KNOWN:
            for memory in (self._known, self._heads, self._numbers, self._forms, self._plans):
                memory.clear()
        lines = text.split("\n")
        parsed = self._with_blocks(lines) if "|" in text else self._without(lines)
        if not parsed:
            return None
        numbers, values = zip(*parsed, strict=True)
        if len(numbers) > _LONGEST_PLAN:
            return _built(self._steps(numbers), values)
        if numbers not in self._plans:
            self._plans[numbers] = tuple(self._steps(numbers))
        return _built(self._plans[numbers], values)

    def _without(self, lines: list[str]) -> list[_Parsed]:
        """Each line stands for itself: the memory is asked for all at once."""
        known = self._known
        for line in lines:
            if line not in known:
                known[line] = self._parse(line)
        return list(filter(None, map(known.__getitem__, lines)))

    def _with_blocks(self, lines: list[str]) -> list[_Parsed]:
        known, found = self._known, []
        position, end = 0, len(lines)
        while position < end:
            line = lines[position]
            position += 1
            if line not in known:
                known[line] = self._parse(line)
            parsed = known[line]
            if parsed is None:
                continue
            if type(parsed[1]) is _Block:
                text, position = _block(lines, position, self._forms[parsed[0]][1], parsed[1])
                parsed = (parsed[0], text)
            found.append(parsed)
        return found

    def _steps(self, numbers: Sequence[int]) -> Iterator[_Step]:
        """Raises Doubt where the lines do not fit together."""
        forms = self._forms
        stack: list[
            tuple[int, int, bool]
        ] = []  # column and number of a container, and whether it is a list, outermost first
        made = 0
        open_at: int | None = None  # column of a key that has no value yet; it is the last key of the innermost mapping
        last: str | None = None  # that key
        for indent, column, dash, key, kind in map(forms.__getitem__, numbers):
            if open_at is not None:
                if indent > open_at or (dash and indent == open_at):
                    yield stack[-1][1], last, _LIST if dash else _MAP
                    stack.append((indent, made, dash))
                    made += 1
                open_at = None
            elif not stack:
                yield -1, None, _LIST if dash else _MAP
                stack.append((indent, made, dash))
                made += 1
            while stack and (stack[-1][0] > indent or (not dash and stack[-1][0] == indent and stack[-1][2])):
                stack.pop()
            if not stack or stack[-1][0] != indent or len(stack) > _MAX_DEPTH:
                raise Doubt
            _, holder, is_list = stack[-1]
            if dash is not is_list:
                raise Doubt
            if dash:
                if key is None:
                    yield holder, None, kind
                    continue
                yield holder, None, _MAP
                holder = made
                stack.append((column, made, False))
                made += 1
            elif key is None:
                raise Doubt
            yield holder, key, kind
            if kind is _NOTHING:
                open_at, last = column, key

    def _parse(self, line: str) -> _Parsed | None:
        """None for blank lines and comments."""
        if not _is_ordinary(line):
            raise Doubt
        before, _, word = line.partition(": ")
        if _WORD.fullmatch(word) and (number := self._head(before)) is not None:
            return number, self._resolve(word)
        return None if _BLANK.fullmatch(line) else self._taken_apart(line)

    def _head(self, before: str) -> int | None:
        number = self._heads.get(before)
        if number is None and (head := _HEAD.fullmatch(before)):
            indent, dash, name = head.groups()
            number = self._heads[before] = self._number(indent, dash, self._key(name), _PLAINLY)
        return number

    def _taken_apart(self, line: str) -> _Parsed:
        # A long gap may stand before or behind each part of the expression: too many ways to try.
        match = None if _GAP in line.lstrip(" ") else _LINE.fullmatch(line)
        if match is None:
            raise Doubt
        indent, dash, name, text = match.group("indent", "dash", "key", "value")
        if name is None and (not dash or text is None or text[0] == "|"):
            raise Doubt
        value = None if text is None else self._value(text)
        kind = _NOTHING if text is None else _COPIED if type(value) in {list, dict} else _PLAINLY
        return self._number(indent, dash, None if name is None else self._key(name), kind), value

    def _key(self, text: str) -> str:
        key = self._scalar(text)
        if not isinstance(key, str):
            raise Doubt
        return key

    def _number(self, indent: str, dash: str | None, key: str | None, kind: str) -> int:
        form = (len(indent), len(indent) + len(dash or ""), bool(dash), key, kind)
        number = self._numbers.get(form)
        if number is None:
            number = self._numbers[form] = len(self._forms)
            self._forms.append(form)
        return number

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


def _built(steps: Iterable[_Step], values: Sequence[Any]) -> Any:
    """Each line has a value, None where it is a container or nothing."""
    made: list[Any] = []
    following = iter(values).__next__
    for holder, key, kind in steps:
        value: Any
        if kind is _PLAINLY or kind is _NOTHING:
            value = following()
        elif kind is _COPIED:
            value = following().copy()
        else:
            value = {} if kind is _MAP else []
            made.append(value)
            if holder < 0:
                continue
        if key is None:
            made[holder].append(value)
        else:
            made[holder][key] = value
    return made[0] if made else None


def _is_ordinary(line: str) -> bool:
    return line.isprintable() if line.isascii() else _ORDINARY.fullmatch(line) is not None


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
        if not _is_ordinary(line):
            raise Doubt
        kept.append(line[margin:])
        position += 1
    if position == len(lines) and lines[-1]:
        raise Doubt  # the file ends without a line break, and so does the text
    text = "\n".join(kept).rstrip("\n")
    return text if head.strip else f"{text}\n", position
