"""Partial views of objects, put together: a row, a description and a manifest of one object complement one another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from seakeep.adapters.assemble import Assembly
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.snapshot import Depth

Raw = dict[str, Any]
# A ReplicaSet's hash and a pod's suffix, in the alphabet of `k8s.io/apimachinery/pkg/util/rand`.
_GENERATED = re.compile(r"-[bcdf0-9ghjklmnpqrstvwxz]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$")


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
        self._place()
        for key in sorted(self._raw):
            assembly.add_raw(self._raw[key], self._depth[key])

    def _place(self) -> None:
        """A recorder may list with another namespace than it describes: no two pods share a generated name, so the row is of the pod whose own output names its namespace."""
        deep = {key for key, depth in self._depth.items() if depth >= Depth.DESCRIBED}
        for key in [key for key in self._raw if key not in deep and key[0] == "Pod" and _GENERATED.search(key[2])]:
            twins = [other for other in deep if other[0] == key[0] and other[2] == key[2]]
            if len(twins) == 1:
                row = self._raw.pop(key)
                del self._depth[key]
                self._raw[twins[0]] = _merged({**row, "metadata": {}}, self._raw[twins[0]])

    def of_kind(self, kind: str, namespace: str) -> list[tuple[str, Raw]]:
        """(name, raw), sorted."""
        return [(key[2], self._raw[key]) for key in sorted(self._raw) if key[:2] == (kind, namespace)]

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
