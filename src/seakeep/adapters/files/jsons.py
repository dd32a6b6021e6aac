"""JSON straight into structs. Typed decoding skips what Seakeep never asks about, which is most of a pod."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import of_its_group, struct_for
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.intern import Interner
from seakeep.model.objects import CLUSTER_SCOPED, KubeObject, Secret, Unstructured
from seakeep.model.snapshot import EVERYWHERE, Unread


class _Head(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    items: msgspec.Raw = msgspec.Raw(b"")  # msgspec fills no union of Raw and None


@contextmanager
def bulk_load() -> Iterator[None]:
    """The cyclic collector rescans everything that a load has made so far, again and again, and finds nothing: off while loading, then told to leave the result alone."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


_HEAD = msgspec.json.Decoder(_Head, strict=False)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def parse(data: bytes | memoryview) -> Any:
    """Plain values. Raises SourceError for what is no JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError("not valid JSON", "The file may be truncated; dump it again.") from error


def load(data: bytes, assembly: Assembly) -> bool:
    """Add the Kubernetes objects of one JSON document. False where it is JSON, but no Kubernetes object or list. Raises SourceError where it is no JSON."""
    try:
        head = _HEAD.decode(data)
    except msgspec.ValidationError:
        return load_value(parse(data), assembly)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError("not valid JSON", "The file may be truncated; dump it again.") from error
    if head.kind and head.kind.endswith("List") and memoryview(head.items).nbytes:
        _load_list(head, assembly)
        return True
    return load_value(parse(data), assembly)


def _load_list(head: _Head, assembly: Assembly) -> None:
    try:
        raws = _ITEMS.decode(head.items)
    except (msgspec.DecodeError, RecursionError):
        raws = []
    default_kind = head.kind.removesuffix("List")
    seen = _nothing_of(default_kind, head.api_version)
    interner = Interner()
    for raw in raws:
        item = _object(raw, head.api_version if default_kind else "", default_kind, assembly, interner)
        if item is None:
            continue
        assembly.add(item)
        seen.setdefault(item.kind, set()).add(item.namespace)
    mark_listed(assembly, seen)


def _object(raw: msgspec.Raw, api_version: str, kind: str, assembly: Assembly, interner: Interner) -> KubeObject | None:
    try:
        if not kind:
            peeked = _HEAD.decode(raw)
            api_version, kind = peeked.api_version, peeked.kind
        struct = struct_for(api_version, kind)
        if struct is not Secret:
            item = interner.decode(raw, struct)
            if item.name:
                return of_its_group(item if item.kind else msgspec.structs.replace(item, kind=kind), api_version)
    except (msgspec.ValidationError, UnicodeDecodeError):
        pass
    value = parse(raw)
    if not isinstance(value, dict):
        assembly.unread.append(Unread(kind or "object", "", "not an object"))
        return None
    value.setdefault("kind", kind)
    value.setdefault("apiVersion", api_version)
    ref = assembly.add_raw(value)
    return assembly.get(ref) if ref else None


def load_value(value: Any, assembly: Assembly) -> bool:
    """The same for parsed JSON or YAML: an object, a list, or a mapping or array of those."""
    if isinstance(value, list):
        found = [load_value(item, assembly) for item in value if isinstance(item, dict)]
        return any(found)
    if not isinstance(value, dict):
        return False
    kind, items = value.get("kind"), value.get("items")
    if isinstance(kind, str) and kind.endswith("List") and (isinstance(items, list) or "items" in value):
        default_kind = kind.removesuffix("List")
        seen = _nothing_of(default_kind, value.get("apiVersion"))
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                if default_kind:
                    item.setdefault("kind", default_kind)
                    item.setdefault("apiVersion", value.get("apiVersion"))
                ref = assembly.add_raw(item)
                if ref:
                    seen.setdefault(ref.kind, set()).add(ref.namespace)
        mark_listed(assembly, seen)
        return True
    if isinstance(kind, str) and isinstance(value.get("metadata"), dict):
        return assembly.add_raw(value) is not None
    found = [load_value(item, assembly) for item in value.values() if isinstance(item, dict | list)]
    return any(found)


def _nothing_of(kind: str, api_version: object) -> dict[str, set[str]]:
    """An empty list of a kind tells of that kind, unless it is another group's namesake."""
    version = api_version if isinstance(api_version, str) else ""
    return {kind: set()} if kind and struct_for(version, kind) is not Unstructured else {}


def mark_listed(assembly: Assembly, seen: dict[str, set[str]]) -> None:
    """A list shows every object of its kinds: in the one namespace that its items are in, or everywhere if they are in several (or in none: an empty `PodList` says nothing of where)."""
    for kind, namespaces in seen.items():
        if kind in CLUSTER_SCOPED or len(namespaces) > 1:
            assembly.listed(kind)
        else:
            for namespace in namespaces:
                assembly.listed(kind, namespace or EVERYWHERE)
