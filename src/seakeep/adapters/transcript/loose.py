"""What people paste without its commands: rows of events, a message out of one, what the API server refused, lines of a log. Each gets the command that prints such."""

from __future__ import annotations

import re

from seakeep.adapters.transcript import headerless, tables
from seakeep.adapters.transcript.describe import event_rows
from seakeep.adapters.transcript.kubelet_log import is_kubelet_line
from seakeep.adapters.transcript.log_owner import whose
from seakeep.adapters.transcript.loose_events import Row, described, row_of, told_in
from seakeep.adapters.transcript.refusals import is_refusal
from seakeep.adapters.transcript.torn import kind_in, torn_description
from seakeep.facts.containers.logs import topic_of
from seakeep.facts.nodes.kernel_limits import is_about_limit
from seakeep.facts.volumes.stored_data import flaw_of
from seakeep.model.pattern import late

# Headings of what is read otherwise.
_DESCRIPTION = late(r"^Name:[ \t]+\S", re.MULTILINE)
_MANIFEST = late(r"^(?:apiVersion|kind):", re.MULTILINE)
_TITLE = late(r"\s*(?:Events:.*|Type\s+Reason\s+Age\s+.*|-{3,}(?:\s+-{2,})+|```\w*)\s*")
# What a client prints when admission refused a write.
_REFUSED = late(
    r"[\s>*\u2022-]{0,8}(?:[\w ()\"./-]{2,120}: ){0,4}(?P<text>(?:Internal error occurred: )?(?:failed calling (?:admission )?webhook \"|admission webhook \"[^\"]+\" denied the request).*|[a-z][\w.]+ \"[^\"]+\" is forbidden:\s*)"
)
# How the lines of a log begin, and what of one goes on below.
_LOG = late(
    r"\s*[\[(]?\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}|\s*[\[(]?\d{2}:\d{2}:\d{2}\b|\s*[IWEF]\d{4} \d{2}:|(?:ts|time|level|t)=\S+ |\{\"(?:level|lvl|log\.level|severity|ts|time|timestamp|@timestamp|msg|message|type)\": ?\"|\s*\[?(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|SEVERE|CRITICAL)\b"
    r"|\d{2} [A-Z][a-z]{2} \d{4} \d{2}:|\d+:[CMSX] \d{2} [A-Z][a-z]{2} |[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} |Traceback \(most|panic: |\s+at [\w.$<>/]+[(]|Caused by: |(?!CreateContainerConfigError: )[\w.]+(?:Exception|Error): |\S{1,60} \{\"(?:level|ts)\": ?[\"\d]|\{\".{1,2000}\"(?:level|severity|msg)\": ?\"|\s*<(?:Fatal|Error|Warning|Information)> |=[A-Z]+ REPORT===="
    r"|\S{1,80} \d{4}[-/]\d{2}[-/]\d{2} \d{2}:\d{2}:\d{2}|\[[\w.-]{1,40}\] (?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL) |(?:[a-z]\w*\.){2}[\w.]*(?:Exception|Error)\s*$|at (?:[\w$<>]+\.){2}[\w.$<>]*\([\w .:]+\)"
)
_PROGRAM = late(r"(?:[\w.-]+ )?(?:exec )?[\w./-]+(?:\.\w+:\d+)?: \S")
_PROSE = late(r"\b(?:(?-i:I)|we|my|our|you|your|please|why|how|hi|hello|thanks|anyone|somebody)\b", re.IGNORECASE)
# How the API server begins what it refuses, in whosever log.
_FORBIDDEN = late(
    r"[a-z.]+ \\?\"[^\"]{0,253}\" is forbidden: |User \\?\"system:serviceaccount:[\w:.-]+\\?\" cannot \w+ "
)
# What a machine's own journal says of its kubelet.
_JOURNAL = late(r"[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} ([\w.-]+) (?:kubelet|k3s|systemd)\[\d+\]: ")
_FIRST = 2000


def loose_pairs(text: str, *, alone: bool, fenced: bool = False) -> list[tuple[str, str]]:
    """(command, output) of each thing that stands by itself; none of what is shown with a heading of its own. `alone` where no command follows: before one, people write what they see in their own words. `fenced` of a block that holds output only."""
    if torn_description(text):
        return _beside_torn(text)
    start = _DESCRIPTION.search(text) or _MANIFEST.search(text)
    lines = (text[: start.start()] if start else text).split("\n")
    rows: list[Row] = []
    refused: list[str] = []
    rest: list[list[str]] = [[]]
    going_on: Row | None = None
    broken = False
    for line in lines:
        if broken and line.strip():
            # A message that a narrow page broke.
            refused[-1] += f" {line.strip(' >')}"
            broken = _goes_on(refused[-1], line)
            continue
        broken = False
        if row := row_of(line):
            rows.append(row)
            going_on = row
        elif not _LOG.match(line) and not _is_row(line) and (row := told_in(line)):
            rows.append(row)
            going_on = None
        elif match := _REFUSED.fullmatch(line):
            refused.append(match["text"])
            going_on, broken = None, _goes_on(match["text"], match["text"])
        elif not line.strip():
            rest.append([])
            going_on = going_on if going_on and not going_on.message else None
        elif _TITLE.fullmatch(line) or _is_row(line):
            going_on = None
        elif going_on and not _LOG.match(line):
            going_on.message = f"{going_on.message} {line.strip(' >')}".strip()
        else:
            going_on = None
            rest[-1].append(line)
    found = [("kubectl apply -f MANIFEST", f"Error from server: {what}") for what in refused]
    found += described(rows) if rows else []
    parts = [part for part in rest if _is_log(part, alone=alone)]
    if parts and fenced:
        # A program's banners and blank lines do not end its log.
        parts = [part for part in rest[rest.index(parts[0]) :] if part]
    for host in dict.fromkeys(match[1] for part in parts for line in part if (match := _JOURNAL.match(line))):
        own = [line for part in parts for line in part if (match := _JOURNAL.match(line)) and match[1] == host]
        found.append((f"ssh {host} journalctl -u kubelet", "\n".join(own)))
    own = [line for part in parts for line in part if not _JOURNAL.match(line)]
    if any(map(is_kubelet_line, own)):
        found.append(("journalctl -u kubelet", "\n".join(own)))
    elif log := own:
        found.append((f"kubectl logs{whose(log)}", "\n".join(log)))
    return found


def _goes_on(told: str, line: str) -> bool:
    """A message that a narrow page, or its author, broke: after a colon, after what it calls, and within brackets."""
    text = line.rstrip()
    return text.endswith((":", "Post", ",")) or (" is forbidden: " in told and told.count("(") > told.count(")"))


def beside(text: str, *, first: int = 1) -> list[tuple[str, str]]:
    """Rows of events, and logs, that were pasted below a listing: none of the paragraphs before the `first`."""
    rows = [row for line in text.split("\n") if event_rows.is_row(line) and (row := row_of(line))]
    logs = [part for part in text.split("\n\n")[first:] if not any(map(_is_row, part.split("\n")))]
    return [
        *(described(rows) if rows else ()),
        *(pair for pair in loose_pairs("\n\n".join(logs), alone=False) if not pair[0].startswith("kubectl describe")),
    ]


def is_loose(text: str) -> bool:
    """Whether a text has lines that only a cluster prints."""
    if _MANIFEST.search(text):
        return False
    lines = text.split("\n", _FIRST)[:_FIRST]
    return (
        kind_in(text) != ""
        or is_refusal("\n".join(lines))
        or bool(loose_pairs("\n".join(lines), alone=True))
        or any(headerless.row(line, ()) for line in lines if line.strip())
    )


def _beside_torn(text: str) -> list[tuple[str, str]]:
    """A part of a description, and what was pasted above it."""
    parts = text.split("\n\n")
    first = next((number for number, part in enumerate(parts) if torn_description(part)), 0)
    above = loose_pairs("\n\n".join(parts[:first]), alone=False) if first else []
    torn = torn_description("\n\n".join(parts[first:]))
    return [*above, *([torn] if torn else ())]


def _is_row(line: str) -> bool:
    return tables.is_header(line) or headerless.row(line, ()) is not None


def _is_log(lines: list[str], *, alone: bool) -> bool:
    """Lines that stand together, one of which begins as a log's do, or says what a program says and no person would."""
    return any(
        _LOG.match(line) or is_kubelet_line(line) or _is_quoted(line) or (alone and _is_said(line)) for line in lines
    )


def _is_quoted(line: str) -> bool:
    """What no person would write in words of their own: a line of a log by itself, in whatever sentence it stands."""
    return bool(flaw_of(line) or is_about_limit(line)) and not _PROSE.search(line)


def _is_said(line: str) -> bool:
    """A program's words."""
    if flaw_of(line) or is_about_limit(line) or _FORBIDDEN.search(line):
        return True
    return topic_of(line) is not None and bool(_PROGRAM.match(line.strip())) and not _PROSE.search(line)
