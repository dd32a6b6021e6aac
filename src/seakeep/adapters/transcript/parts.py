"""Parts of objects: chosen fields, and what a filter left of a description or a manifest."""

from __future__ import annotations

import re
from dataclasses import replace

from seakeep.adapters.transcript import tables
from seakeep.adapters.transcript.commands import Command
from seakeep.adapters.transcript.describe import event_rows, fragment
from seakeep.adapters.transcript.failures import failed
from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.labelled import meant, one_of, owner_name
from seakeep.adapters.transcript.loose_events import UNNAMED, with_rows
from seakeep.adapters.transcript.notes import Notes
from seakeep.adapters.transcript.paths import columns, expression, fields
from seakeep.adapters.transcript.pieces import pieces
from seakeep.adapters.transcript.torn import torn_description
from seakeep.model.snapshot import Depth

_NAME = re.compile(r"^Name:", re.MULTILINE)
_KIND = re.compile(r"^kind:", re.MULTILINE)
# RBAC names have colons.
_REAL = re.compile(r"[A-Za-z0-9][\w.:-]*")


class Parts:
    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        # Descriptions by labels whose names a filter took, until the pods with these labels are known.
        self._later: list[tuple[Command, str, str]] = []

    def read(self, command: Command, line: str, text: str, *, finishing: bool = False) -> bool:
        """Whether the text was understood, or is at least nothing else."""
        if command.verb not in {"get", "describe"} or len(command.kinds) != 1 or failed(text):
            return False
        if command.verb == "get":
            name = _only_name(command)
            found = _chosen(command, line, text, name)
            self._add(command, name, found)
            return bool(found)
        if _NAME.search(text):
            return False
        kind, chosen = command.kinds[0], command.selector
        text = with_rows(text)
        name = _only_name(command) or (one_of(self.notes.gathered, kind, command.place, chosen) if chosen else "")
        found = list(fragment(text, command.kinds, name, command.place, self.notes.now))
        if not found and not name and (chosen or _speaks(text)):
            if not finishing:
                self._later.append((command, line, text))
                return True
            place, name = self._whose(command, kind, chosen)
            command = replace(command, namespace=place)
            found = list(fragment(text, command.kinds, name, place, self.notes.now))
        self._add(command, name, found)
        # What is left of a description is no table.
        return bool(found) or not any(map(tables.is_header, text.splitlines()))

    def _whose(self, command: Command, kind: str, chosen: str) -> tuple[str, str]:
        """Of a description that names nobody: what its selector calls the workload, the only one of its kind that was shown, else a name that stands for none."""
        gathered = self.notes.gathered
        if chosen:
            return command.place, owner_name(gathered, command.place, chosen) or UNNAMED
        if kind == "Pod":
            place, name = meant(gathered, command.namespace)
            return command.namespace or place, name
        shown = [(place, name) for place, name, _ in gathered.everywhere(kind)]
        return shown[0] if len(shown) == 1 else (command.place, UNNAMED)

    def finish(self) -> None:
        for command, line, text in self._later:
            self.read(command, line, text, finishing=True)

    def _add(self, command: Command, name: str, found: list[Raw]) -> None:
        kind, gathered = command.kinds[0], self.notes.gathered
        if found and name and kind != "Event":
            ref = command.ref(kind, name)
            self.notes.assembly.asked.add(ref)
            gathered.add({"kind": kind, "metadata": {"name": name, "namespace": ref.namespace}}, Depth.NAMED)
        for raw in found:
            metadata = {"namespace": command.place, **raw["metadata"]}
            if raw.get("kind") == "Event":
                gathered.add({**raw, "metadata": metadata}, Depth.FULL)
                continue
            parts = {key: part for key, part in raw.items() if key not in {"kind", "metadata"}}
            depth = Depth.TABLE if parts else Depth.NAMED
            gathered.add({"kind": kind, **({} if kind == "Secret" else parts), "metadata": metadata}, depth)


def _speaks(text: str) -> bool:
    """It holds events, or the state of one object."""
    return any(map(event_rows.is_row, text.split("\n"))) or (
        torn_description(text) is not None and text.count("Conditions:") <= 1
    )


def _only_name(command: Command) -> str:
    """Nothing also for what stands for a name: `<pod>`, `$POD`."""
    name = command.names[0][1] if len(command.names) == 1 else ""
    return name if _REAL.fullmatch(name) or name == UNNAMED else ""


def _chosen(command: Command, line: str, text: str, name: str) -> list[Raw]:
    form, _, chosen = command.output.partition("=")
    if form == "custom-columns":
        return list(columns(chosen, text))
    if asked := expression(command.output, line):
        return list(fields(asked, text, name))
    kind = command.kinds[0]
    if form == "yaml" and command.piped and name and kind != "Secret" and not _KIND.search(text):
        return list(pieces(text, kind, name))
    return []
