"""Pods and nodes as a packing problem: kinds of pods that are alike, room per node, and who may not share a domain with whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from seakeep.model.refs import Ref

Amounts = tuple[int, ...]


class Kind(Struct, frozen=True):
    """Pods of one workload that are alike. `needs` goes by the packing's resources; `allowed` are the nodes that taints, selectors, volumes and the pods that stay leave to them.

    `pods` are those that may be moved, by node; `waiting` those without a place. `apart`: (another kind or this one, topology key) whose pods may not share a domain with these.
    `cost` is that of moving one.
    """

    workload: Ref
    needs: Amounts
    allowed: frozenset[int]
    pods: Mapping[int, tuple[Ref, ...]]
    waiting: tuple[Ref, ...]
    apart: tuple[tuple[int, str], ...]
    cost: int
    priority: int


class Packing(Struct, frozen=True):
    """`free` is the room of each node when everything that may be moved is taken away. `domains` has each node's domain by topology key, -1 where it has none."""

    nodes: tuple[str, ...]
    resources: tuple[str, ...]
    free: tuple[Amounts, ...]
    kinds: tuple[Kind, ...]
    domains: Mapping[str, tuple[int, ...]]

    def could_hold(self, kind: int) -> bool:
        """Whether any node would, with everything moved away that may be."""
        needs = self.kinds[kind].needs
        return any(
            all(need <= room for need, room in zip(needs, self.free[node], strict=True))
            for node in self.kinds[kind].allowed
        )

    def rivals(self, kind: int, node: int) -> Iterator[tuple[int, list[int]]]:
        """Kinds that may not be where this one is put, with the nodes that count as there."""
        for other, key in self.kinds[kind].apart:
            codes = self.domains[key]
            if codes[node] >= 0:
                yield other, [place for place, code in enumerate(codes) if code == codes[node]]


class Counts(Struct):
    """How many pods of each kind are on each node, those that stay put left out; `free` follows."""

    packing: Packing
    free: list[list[int]]
    on: list[dict[int, int]]

    @classmethod
    def now(cls, packing: Packing) -> Counts:
        found = cls(packing, [list(room) for room in packing.free], [{} for _ in packing.kinds])
        for number, kind in enumerate(packing.kinds):
            for node, pods in kind.pods.items():
                found.add(number, node, len(pods))
        return found

    def add(self, kind: int, node: int, count: int) -> None:
        """Negative takes away."""
        for place, need in enumerate(self.packing.kinds[kind].needs):
            self.free[node][place] -= count * need
        self.on[kind][node] = self.on[kind].get(node, 0) + count

    def has_room(self, kind: int, node: int) -> bool:
        return all(need <= room for need, room in zip(self.packing.kinds[kind].needs, self.free[node], strict=True))

    def is_barred(self, kind: int, node: int) -> bool:
        """By the pods that are near: one of its own counts too."""
        return any(
            self.on[other].get(place, 0) > 0 for other, near in self.packing.rivals(kind, node) for place in near
        )

    def fits(self, kind: int, node: int) -> bool:
        return node in self.packing.kinds[kind].allowed and self.has_room(kind, node) and not self.is_barred(kind, node)

    @property
    def moved(self) -> int:
        """What the moves cost."""
        return sum(
            kind.cost * max(len(pods) - self.on[number].get(node, 0), 0)
            for number, kind in enumerate(self.packing.kinds)
            for node, pods in kind.pods.items()
        )

    @property
    def unplaced(self) -> list[int]:
        """By kind."""
        return [
            sum(len(pods) for pods in kind.pods.values()) + len(kind.waiting) - sum(self.on[number].values())
            for number, kind in enumerate(self.packing.kinds)
        ]


class Solver(Protocol):
    """Looks for better counts than greedy's, which it may start from; None where it finds none in its time."""

    def __call__(self, packing: Packing, start: Sequence[Mapping[int, int]]) -> list[dict[int, int]] | None: ...
