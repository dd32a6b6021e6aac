"""A pasted screen without what the terminal, a chat or a log collector did to it: colours, a frame, a time before each line, lines broken at the window's width."""

from __future__ import annotations

import re
import textwrap
from itertools import groupby

from seakeep.adapters.transcript import headerless, tables
from seakeep.adapters.transcript.commands import parse
from seakeep.adapters.transcript.describe import event_rows
from seakeep.adapters.transcript.marks import unmarked
from seakeep.model.pattern import late

# A block of code that ends before the text does.
_BLOCK = late(r"\s*```[^\n]*\n(?:.*\n)*?.*```[ \t]*\n\s*\S")
_NARROWEST, _WIDEST = 72, 400
# What begins a line of its own: a prompt, a table's heads or row, an event, an entry of a log, a field of a description.
_BEGINS = late(
    r"\s*$|\s{2,}|[\w.@:~/\\ \[\]()-]{0,80}[$#>❯➜]\s|[A-Z][A-Z-]+(?:\s{2,}|$)|\S+\s{2,}\d+/\d+\s|(?:\S+\s+)?\d+[smhd]\w*\s+(?:\(x\d+ over \w+\)\s+)?(?:Normal|Warning)\b"
    r"|\s+(?:Normal|Warning)\s{2,}|\s*(?:ts|time|level)=|\s*[\[{(]|\s*\d{2,4}[-/:]\d{2}|\s*[IWEF]\d{4} |[A-Z][a-z]{2} [ \d]\d \d{2}:|\s*[A-Z][\w -]{2,30}:\s|\s+(?:- )?\w+:(?:\s|$)"
)
# Colours and cursor movements (ECMA-48 CSI), window titles (OSC), and what `script` records besides.
_ESCAPES = late(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_=>]|\x0f|\x08")
# The frame of a text window (k9s), and of what a terminal draws around a message.
_FRAME = late(r"^[ \t]*[\u2502\u2503\u2551\u2577\u2575][ \t]?|[ \t]*[\u2502\u2503\u2551][ \t]*$", re.MULTILINE)
_STAMP = late(r"^\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}[.,\d]*(?:Z|[+-]\d{2}:?\d{2})?\]?(?: \|)? ?", re.MULTILINE)
_COMMAND = late(r"^(?:\S{0,60}[$#] |\+ )?(?:kubectl|oc|k) (?:-\S+ \S+ )*[a-z]", re.MULTILINE)
_BARE = late(r"^(?:kubectl|oc|k) [a-z]", re.MULTILINE)
# A mark that nearly every line has was put there; a log has its times for itself alone.
_NEARLY_ALL = 0.9


def cleaned(text: str) -> str:
    """The text as it stood on the screen."""
    text = _ESCAPES.sub("", text) if "\x1b" in text else text
    text = unmarked(uncommented(textwrap.dedent(text.replace("\r\n", "\n"))))
    # Marks of preformatted text that were copied with it.
    first = text.lstrip().partition("\n")[0]
    if first.startswith("`") and first.count("`") % 2 and not _BLOCK.match(text):
        text = text.strip("`\n ") + "\n"
    text = _FRAME.sub("", text) if "\u2502" in text or "\u2503" in text else text
    first = text[:20_000]
    if _STAMP.search(first) and _COMMAND.search(_STAMP.sub("", first)) and not _COMMAND.search(first):
        filled = [line for line in first.split("\n")[:-1] if line.strip()] or [first]
        if sum(bool(_STAMP.match(line)) for line in filled) >= _NEARLY_ALL * len(filled):
            text = _STAMP.sub("", text)
    return unwrapped(text)


def uncommented(text: str) -> str:
    """Where commands stand bare, notes show what they printed behind `#`."""
    if "\n#" not in text or not _BARE.search(text):
        return text
    found: list[str] = []
    for is_note, group in groupby(text.split("\n"), key=_is_note):
        lines = list(group)
        shown = [re.sub(r"^# ?", "", line) for line in lines]
        found += shown if is_note and any(map(_is_output, shown)) else lines
    return "\n".join(found)


def _is_note(line: str) -> bool:
    return line.startswith("#") and not _COMMAND.match(line)


def _is_output(line: str) -> bool:
    return (
        tables.is_header(line)
        or event_rows.is_title(line)
        or event_rows.is_row(line)
        or bool(re.match(r"[A-Z][\w -]{1,40}:(?: {3,}\S|$)|(?:Events|Error): \S", line))
        or bool(line.strip() and headerless.row(line, ()))
    )


def unwrapped(text: str) -> str:
    """The text as it was printed. Only where no line is longer than the width, several are exactly so wide, and each of those goes on in a line that begins nothing of its own."""
    lines = text.split("\n")
    width = max(map(len, lines), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return text
    broken = [number for number, line in enumerate(lines) if len(line) == width]
    # A message that was logged twice has one width too.
    told = {re.sub(r"\d", "0", lines[number]) for number in broken if not _COMMAND.match(lines[number])}
    if len(told) < 2 or any(_begins(lines, number + 1) for number in broken):
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
