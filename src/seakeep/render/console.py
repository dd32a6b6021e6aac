"""The few forms that reports on a terminal are made of: styled text that wraps, indented text, grids. Laid out as Rich does, whose import takes longer than all that a report of a hundred services needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_WORD = re.compile(r"\s*\S+\s*")
# One styled run of a line.
_Run = tuple[str, str]


def cells(text: str) -> int:
    """Columns that a text takes: two for wide letters of Asian scripts, none for marks that combine."""
    if text.isascii():
        return len(text)
    return sum(_cells(letter) for letter in text)


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1


class Text:
    def __init__(self, text: str, style: str = "") -> None:
        self.runs: list[_Run] = [(text, style)]

    @classmethod
    def assemble(cls, *parts: str | _Run) -> Text:
        made = cls("")
        made.runs = [(part, "") if isinstance(part, str) else part for part in parts]
        return made

    @property
    def plain(self) -> str:
        return "".join(text for text, _ in self.runs)

    def lines(self, width: int) -> list[list[_Run]]:
        """Broken between words, and within those that are longer than a line."""
        plain = self.plain
        ends = [*_breaks(plain, width), len(plain)]
        return [self._cut(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    def _cut(self, start: int, end: int) -> list[_Run]:
        found, at = [], 0
        for text, style in self.runs:
            piece = text[max(start - at, 0) : max(end - at, 0)]
            at += len(text)
            if piece:
                found.append((piece, style))
        return found


def _breaks(text: str, width: int) -> Iterator[int]:
    taken = 0
    for match in _WORD.finditer(text):
        word = match[0]
        long = cells(word.rstrip())
        if long <= width - taken:
            taken += cells(word)
        elif long > width:
            # As much as fits on lines of its own.
            at, taken = match.start(), 0
            if at:
                yield at
            for position, letter in enumerate(word.rstrip(), start=at):
                if taken + _cells(letter) > width:
                    yield position
                    taken = 0
                taken += _cells(letter)
            taken += len(word) - len(word.rstrip())
        else:
            if match.start():
                yield match.start()
            taken = cells(word)


class Grid:
    """Columns side by side, two spaces between them. Those that may not `wrap` end in an ellipsis where there is no room."""

    def __init__(self) -> None:
        self.columns: list[tuple[bool, bool]] = []
        self.rows: list[tuple[Text, ...]] = []

    def add_column(self, *, wrap: bool = False, right: bool = False) -> None:
        self.columns.append((wrap, right))

    def add_row(self, *cells: str | Text) -> None:
        self.rows.append(tuple(Text(cell) if isinstance(cell, str) else cell for cell in cells))

    def lines(self, width: int) -> Iterator[list[_Run]]:
        room = self._widths(width)
        for row in self.rows:
            held = [self._cell(number, cell, room[number]) for number, cell in enumerate(row)]
            for level in range(max(map(len, held))):
                line: list[_Run] = []
                for number, parts in enumerate(held):
                    runs = parts[level] if level < len(parts) else []
                    gap = " " * (room[number] - sum(cells(text) for text, _ in runs))
                    line += [(gap, ""), *runs] if self.columns[number][1] else [*runs, (gap, "")]
                    line.append(("  ", ""))
                yield line[:-1]

    def _widths(self, width: int) -> list[int]:
        """What the texts take; where that is too much, less of the columns that wrap, else of all."""
        room = [max((cells(row[number].plain) for row in self.rows), default=0) for number in range(len(self.columns))]
        excess = sum(room) + 2 * (len(room) - 1) - width
        wraps = [number for number, (wrap, _) in enumerate(self.columns) if wrap]
        for number in wraps if excess > 0 else ():
            less = min(excess, room[number] - 1)
            room[number], excess = room[number] - less, excess - less
        while excess > 0 and max(room, default=0) > 1:
            room[room.index(max(room))] -= 1
            excess -= 1
        return room

    def _cell(self, number: int, cell: Text, room: int) -> list[list[_Run]]:
        if self.columns[number][0]:
            return [_trimmed(line) for line in cell.lines(room)]
        plain = cell.plain
        if cells(plain) <= room:
            return [[run for run in cell.runs if run[0]]]
        kept = 0
        while cells(plain[: kept + 1]) < room:
            kept += 1
        return [[*cell._cut(0, kept), ("…", cell.runs[-1][1])]]  # noqa: SLF001 - made for this


def _trimmed(line: list[_Run]) -> list[_Run]:
    """Without the spaces that a line was broken at."""
    if line:
        line = [*line[:-1], (line[-1][0].rstrip(), line[-1][1])]
    return line


class Console:
    """Collects lines of `width` columns."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width, self._color = max(width, 60), color
        self._lines: list[str] = []

    def print(self, item: Text | Grid | None = None, indent: int = 0) -> None:
        if item is None:
            self._lines.append("")
            return
        for line in item.lines(self.width - indent):
            self._lines.append((" " * indent + self._styled(line)).rstrip())

    def _styled(self, line: Sequence[_Run]) -> str:
        if not self._color:
            return "".join(text for text, _ in line)
        return "".join(_colored(text, style) for text, style in line)

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def _colored(text: str, style: str) -> str:
    codes = ";".join(_CODES[word] for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text
