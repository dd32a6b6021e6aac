"""Lines that a terminal broke at its width, put together again."""

from __future__ import annotations

from seakeep.adapters.transcript.commands import parse
from seakeep.model.pattern import late

_NARROWEST, _WIDEST = 60, 400
# What begins a line of its own: a prompt, a table's heads or row, an event, an entry of a log, a field of a description.
_BEGINS = late(
    r"\s*$|[\w.@:~/\\ \[\]()-]{0,80}[$#>❯➜]\s|[A-Z][A-Z-]+(?:\s{2,}|$)|\S+\s{2,}\d+/\d+\s|(?:\S+\s+)?\d+[smhd]\w*\s+(?:\(x\d+ over \w+\)\s+)?(?:Normal|Warning)\b"
    r"|\s+(?:Normal|Warning)\s{2,}|\s*(?:ts|time|level)=|\s*[\[{(]|\s*\d{2,4}[-/:]\d{2}|\s*[IWEF]\d{4} |[A-Z][a-z]{2} [ \d]\d \d{2}:|\s*[A-Z][\w -]{2,30}:\s|\s+(?:- )?\w+:(?:\s|$)"
)


def unwrapped(text: str) -> str:
    """The text as it was printed. Only where no line is longer than the width, several are exactly so wide, and each of those goes on in a line that begins nothing of its own."""
    lines = text.split("\n")
    width = max(map(len, lines), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return text
    broken = [number for number, line in enumerate(lines) if len(line) == width]
    if len(broken) < 2 or any(_begins(lines, number + 1) for number in broken):
        return text
    found: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on:
            found[-1] += line
        else:
            found.append(line)
        goes_on = len(line) == width
    return "\n".join(found)


def _begins(lines: list[str], number: int) -> bool:
    return number >= len(lines) or bool(_BEGINS.match(lines[number])) or parse(lines[number]) is not None
