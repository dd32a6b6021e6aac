"""Secrets without their values: the server is asked for its table, whose cells are name, type and number of keys.

Which keys there are, the field managers in the metadata tell; where they name as many as the table counts, the keys are known. Annotations are not decoded: `last-applied-configuration` holds values.
`docs/adr/0003-secrets.md` says why.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from seakeep.adapters.kube.wire import Found, GarbageError, ListMeta
from seakeep.model.objects import Secret
from seakeep.model.objects.base import ManagedFields, Metadata, OwnerReference
from seakeep.model.snapshot import Depth

ACCEPT = "application/json;as=Table;g=meta.k8s.io;v=v1"
_KEY_FIELDS = ("f:data", "f:stringData")


class _Managed(msgspec.Struct, rename="camel", frozen=True, gc=False):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: datetime | None = None
    fields_v1: dict[str, Any] = {}


class _Metadata(msgspec.Struct, rename="camel", frozen=True, gc=False):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()
    managed_fields: tuple[_Managed, ...] = ()


class _Object(msgspec.Struct, frozen=True, gc=False):
    metadata: _Metadata = _Metadata()


class _Row(msgspec.Struct, frozen=True, gc=False):
    cells: tuple[Any, ...] = ()
    object: _Object = _Object()


class _Column(msgspec.Struct, frozen=True, gc=False):
    name: str = ""


class _Table(msgspec.Struct, rename="camel", frozen=True, gc=False):
    kind: str
    metadata: ListMeta | None = None
    column_definitions: tuple[_Column, ...] = ()
    rows: tuple[_Row, ...] | None = None


_DECODER = msgspec.json.Decoder(_Table, strict=False)


def decode(body: bytearray) -> tuple[Found, str]:
    """Secrets with how much of each is known, and the token of the next page. Raises msgspec.DecodeError and GarbageError."""
    table = _DECODER.decode(body)
    if table.kind != "Table":
        # Something else may hold values: nothing of it is looked at.
        raise GarbageError("the server does not give Secrets without their values")
    names = [column.name for column in table.column_definitions]
    found: Found = [_secret(row, dict(zip(names, row.cells, strict=False))) for row in table.rows or ()]
    return found, table.metadata.continue_ if table.metadata else ""


def _secret(row: _Row, cells: dict[str, Any]) -> tuple[Secret, Depth]:
    raw = row.object.metadata
    keys = sorted({key for entry in raw.managed_fields for key in _keys(entry.fields_v1)})
    known = isinstance(cells.get("Data"), int) and cells["Data"] == len(keys)
    metadata = Metadata(
        name=raw.name,
        namespace=raw.namespace,
        uid=raw.uid,
        resource_version=raw.resource_version,
        creation_timestamp=raw.creation_timestamp,
        deletion_timestamp=raw.deletion_timestamp,
        labels=raw.labels,
        owner_references=raw.owner_references,
        finalizers=raw.finalizers,
        managed_fields=tuple(
            ManagedFields(
                manager=entry.manager, operation=entry.operation, subresource=entry.subresource, time=entry.time
            )
            for entry in raw.managed_fields
        ),
    )
    kind = str(cells.get("Type") or "")
    secret = Secret(api_version="v1", metadata=metadata, type=kind, keys=tuple(keys) if known else ())
    return secret, Depth.FULL if known and kind else Depth.TABLE


def _keys(fields: dict[str, Any]) -> list[str]:
    parts = [fields.get(name) for name in _KEY_FIELDS]
    return [key.removeprefix("f:") for part in parts if isinstance(part, dict) for key in part if key.startswith("f:")]
