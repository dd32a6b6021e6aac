"""What the API server answered instead of what was asked for."""

from __future__ import annotations

import re

from seakeep.adapters.transcript.commands import Command, kind_of
from seakeep.adapters.transcript.notes import Notes
from seakeep.adapters.transcript.refusals import refused_writes
from seakeep.model.snapshot import Depth

_NOT_FOUND = re.compile(r"Error from server \(NotFound\): (?P<kind>[\w.-]+) \"(?P<name>[^\"]+)\" not found")
_FORBIDDEN = re.compile(r"Error from server \(Forbidden\): (?P<kind>[\w.-]+)(?: \"[^\"]*\")? is forbidden")
_EMPTY = re.compile(r"No resources found(?: in (?P<namespace>\S+) namespace)?")
_FAILED = re.compile(r"\s*(?:Error from server|error:|Unable to connect|The connection to the server)")


def failed(text: str) -> bool:
    """Whether kubectl printed an error, and nothing before it."""
    return bool(_FAILED.match(text))


def note_failures(notes: Notes, command: Command, text: str) -> None:
    """What does not exist, may not be read, or was refused; also lists that are empty."""
    for match in _NOT_FOUND.finditer(text):
        notes.assembly.missing(command.ref(kind_of(match["kind"]), match["name"]))
    for raw in refused_writes(command, text, notes.now):
        notes.gathered.add(raw, Depth.FULL)
    for match in _FORBIDDEN.finditer(text):
        notes.unread(kind_of(match["kind"]), command, "forbidden")
    empty = _EMPTY.search(text)
    if empty and command.verb == "get":
        notes.listed(command, command.kinds, "" if command.everywhere else empty["namespace"] or "")
