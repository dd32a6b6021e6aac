"""Dictionaries of dictionaries that branches share until either side writes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
N = TypeVar("N", bound=Hashable)
V = TypeVar("V")
_NONE: Mapping[object, object] = MappingProxyType({})


class Groups(Generic[K, N, V]):
    """A branch costs nothing; whoever writes first copies the outer dictionary and the one group that it writes."""

    __slots__ = ("_groups", "_mine", "_owned")

    def __init__(self) -> None:
        self._groups: dict[K, dict[N, V]] = {}
        self._mine = True
        self._owned: set[K] | None = None  # None: all of them

    def branch(self) -> Groups[K, N, V]:
        other: Groups[K, N, V] = Groups()
        other._groups = self._groups
        for side in (self, other):
            side._mine, side._owned = False, set()  # noqa: SLF001 - its own copy
        return other

    def get(self, key: K) -> Mapping[N, V]:
        return self._groups.get(key) or _NONE  # type: ignore[return-value]

    def smallest(self, keys: Sequence[K]) -> Mapping[N, V]:
        """Of the groups of some keys, one at least; the first of the smallest."""
        groups = self._groups
        found: dict[N, V] | None = None
        for key in keys:
            group = groups.get(key)
            if not group:
                return _NONE  # type: ignore[return-value]
            if found is None or len(group) < len(found):
                found = group
        return found or _NONE  # type: ignore[return-value]

    def put(self, key: K, name: N, value: V) -> None:
        self._writable(key)[name] = value

    def drop(self, key: K, name: N) -> None:
        if name in self._groups.get(key, _NONE):
            self._writable(key).pop(name)

    def put_all(self, keys: Iterable[K], name: N, value: V) -> None:
        for key in keys:
            self._writable(key)[name] = value

    def drop_all(self, keys: Iterable[K], name: N) -> None:
        for key in keys:
            if name in self._groups.get(key, _NONE):
                self._writable(key).pop(name)

    def _writable(self, key: K) -> dict[N, V]:
        if not self._mine:
            self._groups, self._mine = dict(self._groups), True
        if self._owned is None:
            return self._groups.setdefault(key, {})
        if key not in self._owned:
            self._owned.add(key)
            self._groups[key] = dict(self._groups.get(key, {}))
        return self._groups[key]
