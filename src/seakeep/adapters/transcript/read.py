"""Reads a whole transcript: tells of each output what it is, and leaves it to the module that knows the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import SourceError
from seakeep.adapters.transcript import split, tables
from seakeep.adapters.transcript.checks import certificate_dates, check_of
from seakeep.adapters.transcript.commands import Command, chosen_namespace, guess, parse
from seakeep.adapters.transcript.connectors import connectors_told
from seakeep.adapters.transcript.describe import described
from seakeep.adapters.transcript.failures import failed, note_failures
from seakeep.adapters.transcript.forms import Form, form_of
from seakeep.adapters.transcript.listings import CUSTOM, read_table
from seakeep.adapters.transcript.logs import Logs
from seakeep.adapters.transcript.machines import Machines, backend_check, machine_check, was_not_run
from seakeep.adapters.transcript.notes import Notes
from seakeep.adapters.transcript.objects import read_manifest, read_value
from seakeep.adapters.transcript.parts import Parts
from seakeep.adapters.transcript.plugins import clusters_told
from seakeep.adapters.transcript.screen import cleaned
from seakeep.adapters.transcript.shells import inside_after
from seakeep.adapters.transcript.times import FIXED_NOW, time_of
from seakeep.adapters.transcript.usage import read_usage
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check, Depth, Snapshot

_MAX = 64 * 1024**2
_LOOKS = {"get", "describe", "logs", "exec", "rollout", "top", "events"}
_SERVER = re.compile(r"Server Version: (?:version\.Info\{.*?GitVersion:\")?(v[\d.]+[\w.+-]*)")


def read_transcript(text: str, source: str) -> Snapshot:
    """Raises SourceError where the text is too large, or holds nothing that kubectl prints."""
    assembly = Assembly(source)
    understood = fill(text, assembly)
    found = assembly.snapshot()
    shown = (found.objects, found.logs, found.checks, found.usage, found.absent, found.complete, found.unread)
    if not understood and not any(shown):
        raise SourceError(
            f"{source} holds no kubectl output that Seakeep understands",
            "Paste the commands too: `$ kubectl get pods -A`, then what it printed.",
        )
    return found


def fill(text: str, assembly: Assembly) -> bool:
    """Add what a transcript shows to an assembly. Whether a command in it looked at something that Seakeep knows, though its output may show nothing."""
    if len(text) > _MAX:
        raise SourceError("the transcript is too large", "Leave out the longest logs.")
    text = cleaned(text)
    now = time_of(text)
    assembly.taken_at = assembly.taken_at or now
    reader = _Reader(assembly, now or assembly.taken_at or FIXED_NOW)
    for command, output in split.pairs(text):
        reader.read(command, output)
    if assembly.taken_at is None:
        assembly.taken_at = FIXED_NOW
    reader.finish()
    return reader.looked


class _Reader:
    def __init__(self, assembly: Assembly, now: datetime) -> None:
        self.notes = Notes(assembly, now)
        self.logs = Logs(self.notes)
        self.parts = Parts(self.notes)
        self.machines = Machines(self.notes)
        # Whether anything was looked at.
        self.looked = False
        # What the shell's context was set to; "" until somebody does.
        self.namespace = ""
        self.inside: Ref | None = None

    def read(self, line: str, output: Any) -> None:
        self.namespace = chosen_namespace(line) or self.namespace
        command = parse(line) or guess(line)
        self.looked = self.looked or (command.verb in _LOOKS and not command.guessed and not failed(str(output)))
        if self.namespace and not command.namespace and not command.everywhere:
            command = replace(command, namespace=self.namespace)
        if isinstance(output, str):
            self._text(command, line, output)
        else:
            read_value(self.notes, command, output)

    def finish(self) -> None:
        self.parts.finish()
        self.logs.finish()
        self.machines.finish()
        self.notes.gathered.into(self.notes.assembly)

    def _text(self, command: Command, line: str, text: str) -> None:
        note_failures(self.notes, command, text)
        self.inside = inside_after(self.inside, command, line, text)
        for raw in (*connectors_told(line, text, command.place), *clusters_told(line, text, command.place)):
            self.notes.gathered.add(raw, Depth.DESCRIBED)
        if found := self._check(command, line, text):
            self.notes.assembly.checks.append(found)
            return
        if not command.verb:
            self.machines.read_journal(line, text)
        if command.guessed and form_of(text, "", command.kinds) is not Form.OTHER:
            self._shown(command, text)
        elif not self.parts.read(command, line, text):
            self._by_verb(command, text)

    def _check(self, command: Command, line: str, text: str) -> Check | None:
        """What a program said that ran elsewhere: at a kubelet, on a machine, in the shell that is open."""
        about = f"{command.place}/{command.names[0][1]}" if command.names else ""
        found = backend_check(text, command.verb, about) if command.verb else machine_check(line, text)
        if found is None and not command.verb and self.inside:
            found = check_of(self.inside, tuple(line.split()), text)
        return found or certificate_dates(command.kinds, command.names, command.namespace, line, text)

    def _by_verb(self, command: Command, text: str) -> None:
        match command.verb:
            case "logs" | "log" if (
                command.names or command.selector or form_of(text, "", ()) not in {Form.TABLE, Form.DESCRIPTION}
            ):
                self.logs.read(command, text)
            case "exec" | "debug" | "run":
                self._ran(command, text)
            case "top":
                read_usage(self.notes, command, text)
            case "version":
                if server := _SERVER.search(text):
                    self.notes.assembly.server_version = server[1]
            case _:
                self._shown(command, text)

    def _ran(self, command: Command, text: str) -> None:
        if not command.names or not command.inner or was_not_run(text):
            return
        if found := check_of(command.ref(*command.names[0]), command.inner, text):
            self.notes.assembly.checks.append(found)

    def _shown(self, command: Command, text: str) -> None:
        """What get, describe and events print, or the same without a command that is known."""
        command = Command(verb="", guessed=True) if command.verb in {"logs", "log"} else command
        custom = command.output.partition("=")[0] in CUSTOM
        if not command.verb:
            text, *others = _one_by_one(text)
            for part in others:
                self._shown(Command(verb="", namespace=command.namespace, guessed=True), part)
        if command.output == "name":
            text = "\n".join(["NAME  AGE", *(f"{line.strip()}  ." for line in text.splitlines() if "/" in line)])
        match form_of(text, command.output, command.kinds, self.notes.headers):
            case Form.MANIFEST if not custom:
                read_manifest(self.notes, command, text)
            case Form.DESCRIPTION:
                self._described(command, text)
            case Form.USAGE:
                read_usage(self.notes, command, text)
            case Form.TABLE:
                read_table(self.notes, command, text, custom=custom)

    def _described(self, command: Command, text: str) -> None:
        for raw in described(text, command.kinds, command.namespace, self.notes.now):
            depth = Depth.NAMED if raw.pop("named", False) else Depth.DESCRIBED
            for name in raw.pop("missing", ()):
                self.notes.assembly.missing(Ref("Service", raw["metadata"]["namespace"], name))
            if raw["kind"] == "Pod" and depth is Depth.DESCRIBED:
                self.logs.described = (raw["metadata"]["namespace"], raw["metadata"]["name"])
            self.notes.gathered.add(raw, depth)


def _one_by_one(text: str) -> Iterator[str]:
    """A text without commands shows one thing after another: a table begins with its heads, a description with its object's name."""
    part: list[str] = []
    for line in text.split("\n"):
        if part and (tables.is_header(line) or re.match(r"Name:[ \t]+\S", line)):
            yield "\n".join(part)
            part = []
        part.append(line)
    yield "\n".join(part)
