"""Rows of a table of events as people paste them: without its title, with cells left out, gaps closed, or the message on the lines below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seakeep.model.pattern import late

Row = dict[str, str]
_ROW = late(r"\s*(?P<Type>Normal|Warning)[ \t]+(?P<Reason>[A-Z][A-Za-z]{2,60})(?:[ \t]+(?P<rest>\S.*?))?[ \t]*")
_AGE = late(
    r"(?:(?P<Age>(?:(?:\d+[ydhms])+|<unknown>|<invalid>)(?:[ \t]+\(x\d+ over (?:\w+|<invalid>)\))?)|\.{3}|…)(?:[ \t]+|$)"
)
# The component, as a cell of its own or by the names that components have.
_FROM = (
    late(r"(?P<From>\S+(?:, \S+)?)[ \t]{2,}(?P<Message>\S.*)"),
    late(
        r"(?P<From>(?:kubelet|[\w.-]*-(?:scheduler|controller|autoscaler|provisioner|detector|manager|plugin))(?:, ?[\w.-]+)?)[ \t]+(?P<Message>\S.*)"
    ),
)
_TITLE = late(r"\s*(?:Events:\s*)?Type\s+Reason\s+.*\bMessage\b.*")
_RULE = late(r"[\s-]+")
# How the kubelet tells of a mount that failed, on lines that start at the margin (k8s.io/mount-utils).
GOES_ON = late(r"(?:(?:Unm|M)ounting (?:command|arguments)|Output): \S")
# Newer kubectl says of which container an event is: `spec.containers{app}: Pulling image …`.
PART = late(r"(?P<path>spec\.(?:initContainers|containers|ephemeralContainers)\{[^}]+\}): ")


def is_title(line: str) -> bool:
    return bool(_TITLE.fullmatch(line))


def is_row(line: str) -> bool:
    words = line.split()
    return bool(_ROW.fullmatch(line)) and (len(words) > 2 or bool(re.fullmatch(r"[A-Z]\w+[A-Z]\w+", words[-1])))


def taken_out(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The rows with what goes on below them, wherever a filter or an editor put them, and the lines that are filled and are none of it."""
    start = next((number for number, line in enumerate(lines) if is_title(line) or is_row(line)), len(lines))
    kept = [line for line in lines[:start] if line.strip() and not re.fullmatch(r"\s*Events:\s*", line)]
    last = max((number for number, line in enumerate(lines) if is_row(line)), default=start)
    for after in range(last + 1, len(lines)):
        # The next key of a description ends them.
        if re.match(r"[A-Z][\w -]{2,40}:(?:\s{2,}|$)", lines[after]):
            return list(lines[start:after]), [*kept, *(line for line in lines[after:] if line.strip())]
    return list(lines[start:]), kept


def read(lines: Sequence[str]) -> Iterator[Row]:
    """What goes on below a row belongs to its message."""
    row: Row = {}
    wrapped = False
    for line in lines:
        match = _ROW.fullmatch(line)
        if match:
            if row:
                yield row
            row = _cells(match)
            wrapped = not row["Message"]
        elif is_title(line) or (line.strip() and _RULE.fullmatch(line)):
            continue
        elif row and line.strip():
            ended = row["Message"] and not wrapped and not _open(row["Message"])
            if ended and not line.startswith((" ", "\t")) and not GOES_ON.match(line):
                yield row
                row = {}
            else:
                row["Message"] = f"{row['Message']} {line.strip()}".strip()
        elif row and row["Message"] and not _open(row["Message"]):
            yield row
            row = {}
    if row:
        yield row


def _open(message: str) -> bool:
    """A sentence that cannot end so."""
    return message.endswith((":", ",", "=")) and not message.endswith("=:")


def _cells(match: re.Match[str]) -> Row:
    rest = match["rest"] or ""
    row = {"Type": match["Type"], "Reason": match["Reason"]}
    if age := _AGE.match(rest):
        row["Age"] = age["Age"] or ""
        rest = rest[age.end() :]
    for form in _FROM:
        if (cell := form.fullmatch(rest)) and (age or form is _FROM[1]):
            return {**row, "From": cell["From"], "Message": cell["Message"]}
    return {**row, "Message": rest}
