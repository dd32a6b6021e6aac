"""`kubectl get` as a table: what its rows, labels and columns tell, and that nothing else is there."""

from __future__ import annotations

import re

from seakeep.adapters.transcript import tables
from seakeep.adapters.transcript.commands import Command
from seakeep.adapters.transcript.failures import failed
from seakeep.adapters.transcript.labelled import equalities
from seakeep.adapters.transcript.notes import Notes
from seakeep.model.snapshot import Depth

# Columns of the user's own choice: only that the object exists is certain.
CUSTOM = frozenset({"custom-columns", "custom-columns-file", "jsonpath", "go-template", "jsonpath-as-json", "name"})
_NODE = re.compile(r"\bspec\.nodeName=([\w.-]+)")


def read_table(notes: Notes, command: Command, text: str, *, custom: bool) -> None:
    labels = "--show-labels" in command.flags if command.verb == "get" and not command.guessed else None
    headers = {} if custom else notes.headers
    node = _NODE.search(command.flags.get("--field-selector", ""))
    marks = command.flags.get("-L", command.flags.get("--label-columns", ""))
    columns = tuple(mark for mark in marks.split(",") if mark)
    # What was listed by labels has them, whether a column shows them or not.
    chosen = dict(equalities(command.selector)) if command.verb == "get" else {}
    loose = not command.verb and not command.namespace and "NAMESPACE" not in text
    for raw in tables.objects(text, command.kinds, command.namespace, notes.now, headers, labels, columns):
        if chosen and raw["kind"] != "Event":
            raw["metadata"].setdefault("labels", {}).update(chosen)
        if custom:
            notes.gathered.add({key: raw[key] for key in ("kind", "metadata")}, Depth.NAMED, loose=loose)
            continue
        if node and raw["kind"] == "Pod":
            raw["spec"] = {**raw.get("spec", {}), "nodeName": node[1]}
        notes.gathered.add(raw, Depth.TABLE if raw["kind"] != "Event" else Depth.FULL, loose=loose)
    if command.verb == "get" and not failed(text):
        notes.listed(command, command.kinds)
