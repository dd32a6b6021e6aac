"""The shape of a description: `Key:  value` at column 0, with deeper lines below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from seakeep.adapters.transcript.describe.event_rows import GOES_ON

_KEY = re.compile(r"^(?P<key>[A-Za-z][\w ()/.'-]{0,60}?):(?:\s+(?P<value>.*))?$")
# What somebody puts where they left lines out.
_LEFT_OUT = re.compile(r"\s*[\[(<]?(?:\.{2,}|\u2026)[\])>]?\s*")
_NONE = {"", "<none>", "<unset>", "<unknown>", "<nil>"}


@dataclass(slots=True)
class Section:
    """`values` are what stands on the key's line, once per time that the key stands there; `lines` the deeper ones, indentation kept."""

    values: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def all(self) -> list[str]:
        """Value and lines, stripped, `<none>` left out."""
        return [text for text in (self.value.strip(), *(line.strip() for line in self.lines)) if text not in _NONE]


Sections = dict[str, Section]


def split(lines: list[str]) -> Sections:
    """By key, at the least indentation among the lines."""
    filled = [line for line in lines if line.strip() and not _LEFT_OUT.fullmatch(line)]
    base = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    found: Sections = {}
    current = Section()
    for line in filled:
        indent = len(line) - len(line.lstrip())
        match = _KEY.match(line.strip()) if indent == base and not GOES_ON.match(line) else None
        if match:
            current = found.setdefault(match["key"], Section())
            current.values.append((match["value"] or "").strip())
        elif line.strip():
            current.lines.append(line)
    return found


def blocks(lines: list[str]) -> dict[str, list[str]]:
    """`  name:` headings at the least indentation with the lines below each (containers, volumes)."""
    filled = [line for line in lines if line.strip()]
    base = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    found: dict[str, list[str]] = {}
    name = ""
    for line in filled:
        if len(line) - len(line.lstrip()) == base and line.rstrip().endswith(":"):
            name = line.strip()[:-1]
            found[name] = []
        elif name:
            found[name].append(line)
    return found


def text(sections: Sections, key: str) -> str:
    """The value of a key, "" where it is `<none>` or not there."""
    section = sections.get(key)
    return "" if section is None or section.value in _NONE else section.value


def number(value: str) -> int:
    match = re.search(r"-?\d{1,9}", value)
    return int(match[0]) if match else 0


def pairs(section: Section | None, separator: str = "=") -> dict[str, str]:
    """`key=value` entries, one a line or separated by commas."""
    found: dict[str, str] = {}
    for entry in section.all if section else ():
        pieces = entry.split(",") if separator == "=" and entry.count("=") > 1 and ", " not in entry else [entry]
        for piece in pieces:
            key, mark, value = piece.strip().partition(separator)
            if mark:
                found[key.strip()] = value.strip()
    return found


def table(lines: list[str]) -> list[dict[str, str]]:
    """A small table inside a description: heading, dashes, rows."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 2:
        return []
    head = re.split(r"\s{2,}", filled[0].strip())
    rows = [line for line in filled[1:] if not set(line.replace(" ", "")) <= {"-"}]
    starts = [filled[0].find(name) for name in head]
    found = []
    for row in rows:
        cells = re.split(r"\s{2,}", row.strip(), maxsplit=len(head) - 1)
        if len(cells) < len(head):
            ends = [*starts[1:], len(row) + 1]
            cells = [row[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        found.append(dict(zip(head, cells, strict=False)))
    return found


def below(sections: Sections, key: str) -> list[str]:
    """The lines under a heading; none where it is not there."""
    return sections[key].lines if key in sections else []


def amount(value: str) -> int | str:
    """A number, or a percentage as it stands."""
    return int(value) if value.isdigit() else value
