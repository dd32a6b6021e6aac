"""Notes what a judgement reads: kinds of objects, and the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from seakeep.facts.index import Index
from seakeep.model.objects import KubeObject

Objects = Mapping[str, Mapping[tuple[str, str], KubeObject]]
ALL, NOW = "*", "now"


class Noted(dict[str, Mapping[tuple[str, str], KubeObject]]):
    """Notes which kinds are asked for."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects)
        self.read: set[str] = set()

    def get(self, kind: str, default: Any = None) -> Any:
        self.read.add(kind)
        return super().get(kind, default)

    def __getitem__(self, kind: str) -> Mapping[tuple[str, str], KubeObject]:
        self.read.add(kind)
        return super().__getitem__(kind)

    def __contains__(self, kind: object) -> bool:
        self.read.add(str(kind))
        return super().__contains__(kind)

    def __iter__(self) -> Iterator[str]:
        self.read.add(ALL)
        return super().__iter__()

    def keys(self) -> Any:
        self.read.add(ALL)
        return super().keys()

    def values(self) -> Any:
        self.read.add(ALL)
        return super().values()

    def items(self) -> Any:
        self.read.add(ALL)
        return super().items()


class Noting(Index):
    """`now` is when the snapshot was taken, which is read without asking for objects."""

    @property
    def now(self) -> datetime:
        objects = self.snapshot.objects
        if isinstance(objects, Noted):
            objects.read.add(NOW)
        return super().now


def kinds_read(index: Index) -> frozenset[str]:
    objects = index.snapshot.objects
    return frozenset(objects.read) if isinstance(objects, Noted) else frozenset({ALL})


def touches(read: frozenset[str], changed: frozenset[str]) -> bool:
    """Whether what was read is among what changed."""
    return bool(read & changed) or (ALL in read and bool(changed))
