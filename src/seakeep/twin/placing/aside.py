"""Pods that fit nowhere, until something changes that may help them. What helps one helps all that are alike and were refused by the same plugins: they are asked about together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seakeep.model.objects import Pod
from seakeep.twin.scheduler import hints
from seakeep.twin.scheduler.kinds import PodKind

Key = tuple[str, str]
# The plugins that refused them, what they are, and their priority.
Group = tuple[frozenset[str], PodKind, int]
# `helped(plugins, pod, priority)`: whether such a pod is tried again.
Helped = Callable[[frozenset[str], Pod, int], bool]


class Aside:
    __slots__ = ("_group", "_groups", "_near")

    def __init__(self) -> None:
        self._groups: dict[Group, dict[Key, None]] = {}
        self._group: dict[Key, Group] = {}
        # Those among them that a pod's coming may help.
        self._near: dict[Group, None] = {}

    def branch(self) -> Aside:
        other = Aside()
        other._groups = {group: dict(keys) for group, keys in self._groups.items()}
        other._group, other._near = dict(self._group), dict(self._near)
        return other

    def __bool__(self) -> bool:
        return bool(self._group)

    def add(self, key: Key, group: Group) -> None:
        self.discard(key)
        self._group[key] = group
        self._groups.setdefault(group, {})[key] = None
        if group[0] & hints.NEAR:
            self._near[group] = None

    def discard(self, key: Key) -> bool:
        """Whether it was here."""
        group = self._group.pop(key, None)
        if group is not None:
            del self._groups[group][key]
            if not self._groups[group]:
                self._drop(group)
        return group is not None

    def take(self, helped: Helped | None = None, *, near: bool = False) -> Iterator[Key]:
        """Those that are tried again: all, or those that are helped. `near`: only where a pod's coming may help."""
        for group in list(self._near if near else self._groups):
            plugins, kind, priority = group
            if helped is None or helped(plugins, kind.sample, priority):
                for key in self._groups[group]:
                    del self._group[key]
                    yield key
                self._drop(group)

    def _drop(self, group: Group) -> None:
        del self._groups[group]
        self._near.pop(group, None)
