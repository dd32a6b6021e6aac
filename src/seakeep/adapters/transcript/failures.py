"""What the API server answered instead of what was asked for."""

from __future__ import annotations

import re

from seakeep.adapters.transcript.commands import Command, kind_of
from seakeep.adapters.transcript.notes import Notes
from seakeep.adapters.transcript.refusals import refused_writes
from seakeep.model.snapshot import Depth

_NOT_FOUND = re.compile(r"Error from server \(NotFound\): (?P<kind>[\w.-]+) \"(?P<name>[^\"]+)\" not found")
_FORBIDDEN = re.compile(r"Error from server \(Forbidden\): (?P<kind>[\w.-]+)(?: \"[^\"]*\")? is forbidden")
# `kubectl logs` of a container that has none yet: why it has not (kubelet, `containerLogs`).
_NOT_YET = re.compile(
    r"container \"(?P<container>[a-z0-9-]+)\" in pod \"(?P<pod>[a-z0-9.-]+)\" is waiting to start: (?P<why>\w[\w ']*)"
)
# The kubelet's word for it, where somebody put it beside.
_LACKS = re.compile(r"Error: ((?:secret|configmap) \"[^\"]+\" not found)")
_WHY = {"trying and failing to pull image": "ImagePullBackOff", "image can't be pulled": "ErrImagePull"}
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
    for match in _NOT_YET.finditer(text):
        why = _WHY.get(match["why"], match["why"])
        lacks = _LACKS.search(text)
        state = {"waiting": {"reason": why, "message": lacks[1] if lacks else ""}}
        waiting = {"name": match["container"], "ready": False, "state": state}
        status = {"phase": "Pending", "containerStatuses": [waiting]}
        metadata = {"name": match["pod"], "namespace": command.place}
        notes.gathered.add({"kind": "Pod", "metadata": metadata, "status": status}, Depth.TABLE)
    empty = _EMPTY.search(text)
    if empty and command.verb == "get":
        notes.listed(command, command.kinds, "" if command.everywhere else empty["namespace"] or "")
