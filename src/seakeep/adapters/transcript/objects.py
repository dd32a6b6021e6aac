"""`kubectl get -o yaml|json`: whole objects, and lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from seakeep.adapters.errors import SourceError
from seakeep.adapters.transcript.commands import Command
from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.manifests import documents
from seakeep.adapters.transcript.notes import Notes
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.snapshot import Depth


def read_manifest(notes: Notes, command: Command, text: str) -> None:
    kind = command.kinds[0] if command.kinds else "object"
    try:
        found, whole = documents(text)
    except SourceError:
        notes.unread(kind, command, "cut off or not valid")
        return
    if not whole:
        notes.unread(kind, command, "cut off")
        command = replace(command, whole=False)
    for document in found:
        read_value(notes, command, document)


def read_value(notes: Notes, command: Command, value: Any) -> None:
    """An object, a `List`, or an array of them; anything else says nothing."""
    if isinstance(value, list):
        for item in value:
            read_value(notes, command, item)
        return
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        return
    if kind.endswith("List") and isinstance(value.get("items"), list):
        of = kind.removesuffix("List")
        for item in value["items"]:
            if isinstance(item, dict):
                read_value(notes, command, {"kind": of, **item} if of else item)
        notes.listed(command, command.kinds or ((of,) if of else ()))
    elif isinstance(value.get("metadata"), dict):
        notes.gathered.add(_object(command, kind, value), Depth.FULL)


def _object(command: Command, kind: str, value: Raw) -> Raw:
    metadata = dict(value["metadata"])
    if kind not in CLUSTER_SCOPED:
        metadata.setdefault("namespace", command.place)
    raw: Raw = {**value, "metadata": metadata}
    return _without_values(raw) if kind == "Secret" else raw


def _without_values(secret: Mapping[str, Any]) -> Raw:
    """The names of a Secret's keys alone."""
    parts = [secret[part] for part in ("data", "stringData") if isinstance(secret.get(part), dict)]
    rest = {key: item for key, item in secret.items() if key not in {"data", "stringData"}}
    return {**rest, "keys": sorted({name for part in parts for name in part})}
