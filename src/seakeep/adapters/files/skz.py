"""`.skz`: a snapshot as a zstd-compressed tar. The same snapshot gives the same bytes.

Members, in this order: `seakeep.json` (format version, source, times, what was read and what not), `objects/<Kind>.json`, `logs/<namespace>/<pod>/<container>[.previous].log`,
`logs.json` (those whose names are no file names), `usage.json`, `checks.json`, `alerts.json`, `samples.json`.
"""

from __future__ import annotations

import contextlib
import io
import re
import tarfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import struct_for
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import layouts
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Alert, Check, Depth, Log, Sample, Snapshot, Unread, Usage

MANIFEST = "seakeep.json"
FORMAT = 1
_LEVEL = 10
_ODD = re.compile(r"[^\w.-]")


class Manifest(msgspec.Struct, rename="camel"):
    format: int = 0
    source: str = ""
    taken_at: datetime | None = None
    server_version: str = ""
    intent_only: bool = False
    complete: tuple[tuple[str, str], ...] = ()
    absent: tuple[tuple[str, str, str], ...] = ()
    shallow: tuple[tuple[str, str, str, int], ...] = ()
    unread: tuple[tuple[str, str, str], ...] = ()


def write(snapshot: Snapshot, path: Path) -> None:
    """Written beside the target first: a failure leaves the old file whole. A pipe or device is written to as it is."""
    path = path.resolve() if path.is_symlink() else path
    if path.exists() and not path.is_file():
        path.write_bytes(encode(snapshot))
        return
    beside = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.write_bytes(encode(snapshot))
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def encode(snapshot: Snapshot) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in _members(snapshot):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(data), 0, 0o644
            archive.addfile(entry, io.BytesIO(data))
    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(sink.getvalue())


def _members(snapshot: Snapshot) -> Iterable[tuple[str, bytes]]:
    manifest = Manifest(
        format=FORMAT,
        source=snapshot.source,
        taken_at=snapshot.taken_at,
        server_version=snapshot.server_version,
        intent_only=snapshot.intent_only,
        complete=tuple(sorted(snapshot.complete)),
        absent=tuple(sorted((ref.kind, ref.namespace, ref.name) for ref in snapshot.absent)),
        shallow=tuple(sorted((*ref, int(depth)) for ref, depth in snapshot.shallow.items())),
        unread=tuple((item.kind, item.namespace, item.reason) for item in snapshot.unread),
    )
    yield MANIFEST, _pretty(manifest)
    for kind, group in snapshot.objects.items():
        items = [
            {key: value for key, value in msgspec.to_builtins(item).items() if value not in ("", None, {}, [])}
            for item in group.values()
        ]
        yield (
            f"objects/{_ODD.sub('_', kind)}.json",
            msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": items}),
        )
    unplaced: list[Log] = []
    for log in sorted(snapshot.logs, key=lambda item: (item.namespace, item.pod, item.container, item.previous)):
        path = f"logs/{log.namespace}/{log.pod}/{log.container}{'.previous' if log.previous else ''}.log"
        if layouts.log_at(path, log.text) == log:
            yield path, log.text.encode("utf-8", "replace")
        else:
            unplaced.append(log)
    for name, values in (
        ("logs", unplaced),
        ("usage", snapshot.usage),
        ("checks", snapshot.checks),
        ("alerts", snapshot.alerts),
        ("samples", snapshot.samples),
    ):
        if values:
            yield f"{name}.json", _pretty(values)


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def read(manifest_data: bytes, members: Iterable[tuple[str, bytes]], name: str) -> Snapshot:
    """Raises SourceError for other formats and broken members."""
    try:
        manifest = msgspec.json.decode(manifest_data, type=Manifest)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError(f"{name} is no snapshot of ours", "Its seakeep.json cannot be read.") from error
    if manifest.format != FORMAT:
        raise SourceError(
            f"{name} has snapshot format {manifest.format}; this version reads {FORMAT}",
            "Use the version that wrote it, or a newer one.",
        )
    assembly = Assembly(manifest.source or name)
    assembly.taken_at, assembly.server_version, assembly.intent_only = (
        manifest.taken_at,
        manifest.server_version,
        manifest.intent_only,
    )
    assembly.unread = [Unread(*item) for item in manifest.unread]
    try:
        depths = {Ref(kind, namespace, item): Depth(depth) for kind, namespace, item, depth in manifest.shallow}
        for path, data in members:
            _member(path, data, assembly, depths)
    except (msgspec.DecodeError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise SourceError(f"{name} is damaged", "Take the snapshot again.") from error
    assembly.reset_listed(manifest.complete)
    for kind, namespace, item in manifest.absent:
        assembly.missing(Ref(kind, namespace, item))
    return assembly.snapshot()


def _member(path: str, data: bytes, assembly: Assembly, depths: dict[Ref, Depth]) -> None:
    if path.startswith("objects/"):
        for raw in msgspec.json.decode(data)["items"]:
            struct = struct_for(raw.get("apiVersion", ""), raw.get("kind", ""))
            item = msgspec.convert(raw, struct, strict=False)
            assembly.add(item, depths.get(item.ref, Depth.FULL))
    elif path.startswith("logs/"):
        log = layouts.log_at(path, data.decode("utf-8", "replace"))
        if log:
            assembly.logs.append(log)
    elif path == "logs.json":
        assembly.logs += msgspec.json.decode(data, type=list[Log])
    elif path == "usage.json":
        assembly.usage += msgspec.json.decode(data, type=list[Usage])
    elif path == "checks.json":
        assembly.checks += msgspec.json.decode(data, type=list[Check])
    elif path == "alerts.json":
        assembly.alerts += msgspec.json.decode(data, type=list[Alert])
    elif path == "samples.json":
        assembly.samples += msgspec.json.decode(data, type=list[Sample])
