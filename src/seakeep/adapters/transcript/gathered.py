"""Partial views of objects, put together: a row, a description and a manifest of one object complement one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.adapters.assemble import Assembly
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.snapshot import Depth

Raw = dict[str, Any]


class Gathered:
    """Raw objects in API form by kind, namespace and name."""

    def __init__(self) -> None:
        self._raw: dict[tuple[str, str, str], Raw] = {}
        self._depth: dict[tuple[str, str, str], Depth] = {}

    def add(self, raw: Raw, depth: Depth) -> None:
        """The deeper view wins field by field; of two equally deep ones the later."""
        metadata = raw.get("metadata")
        kind = raw.get("kind")
        if (
            not isinstance(metadata, Mapping)
            or not isinstance(kind, str)
            or not isinstance(metadata.get("name"), str)
            or not metadata["name"]
        ):
            return
        namespace = "" if kind in CLUSTER_SCOPED else str(metadata.get("namespace") or "default")
        raw = {**raw, "metadata": {**metadata, "namespace": namespace}}
        key = (kind, namespace, metadata["name"])
        known = self._raw.get(key)
        if known is None:
            self._raw[key], self._depth[key] = raw, depth
            return
        newer = depth >= self._depth[key]
        self._raw[key] = _merged(known, raw) if newer else _merged(raw, known)
        self._depth[key] = max(depth, self._depth[key])

    def into(self, assembly: Assembly) -> None:
        for key in sorted(self._raw):
            assembly.add_raw(self._raw[key], self._depth[key])

    def has(self, kind: str, namespace: str, name: str) -> bool:
        return (kind, namespace, name) in self._raw

    def named(self, kind: str, name: str) -> list[str]:
        """Namespaces in which an object of the kind has this name."""
        return [namespace for other, namespace, known in self._raw if other == kind and known == name]


def _merged(base: Raw, over: Raw) -> Raw:
    """Maps merge; everything else of `over` replaces. None and empty text never replace something."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merged(old, value)
        elif value not in (None, "") or old is None:
            merged[key] = value
    return merged
