"""Best fit decreasing: the largest first, each where it leaves least; where there is no room, a few pods of one node go elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from seakeep.engine.repack.packing import Counts, Packing


class _Way(Struct, frozen=True):
    """Pods that leave `node`, as (kind, target), so that one more finds room there."""

    node: int
    steps: tuple[tuple[int, int], ...]
    cost: int


def greedy(packing: Packing) -> Counts:
    """Every waiting pod that finds a place so; the others are left as they are."""
    counts = Counts.now(packing)
    queue = [number for number, kind in enumerate(packing.kinds) for _ in kind.waiting]
    weights = _weights(packing)
    queue.sort(key=lambda number: (-packing.kinds[number].priority, -weights[number], number))
    hopeless: set[int] = set()
    for number in queue:
        node = _best(counts, number)
        if node is not None:
            counts.add(number, node, 1)
            continue
        way = _cheapest(counts, number, weights) if number not in hopeless else None
        if way is None:
            hopeless.add(number)
        else:
            hopeless.clear()
            for other, target in way.steps:
                counts.add(other, way.node, -1)
                counts.add(other, target, 1)
            counts.add(number, way.node, 1)
    return counts


def _weights(packing: Packing) -> list[float]:
    """By kind: the largest share that one such pod takes of what there is of a resource."""
    totals = [max(sum(max(room[place], 0) for room in packing.free), 1) for place in range(len(packing.resources))]
    return [
        max((need / total for need, total in zip(kind.needs, totals, strict=True)), default=0.0)
        for kind in packing.kinds
    ]


def _best(counts: Counts, number: int, without: int = -1) -> int | None:
    """Where it leaves least."""
    fitting = [node for node in sorted(counts.packing.kinds[number].allowed) if node != without and counts.fits(number, node)]  # fmt: skip
    return min(fitting, key=lambda node: (_left(counts, number, node), node), default=None)


def _left(counts: Counts, number: int, node: int) -> float:
    needs, whole = counts.packing.kinds[number].needs, counts.packing.free[node]
    rooms = zip(counts.free[node], needs, whole, strict=True)
    return sum((room - need) / total for room, need, total in rooms if need and total > 0)


def _cheapest(counts: Counts, number: int, weights: Sequence[float]) -> _Way | None:
    ways = [
        way for node in sorted(counts.packing.kinds[number].allowed) if (way := _cleared(counts, number, node, weights))
    ]
    return min(ways, key=lambda way: (way.cost, len(way.steps), way.node), default=None)


def _cleared(counts: Counts, number: int, node: int, weights: Sequence[float]) -> _Way | None:
    """One pod alone if that does, else the largest first until there is room, less those that need not have gone."""
    here = [kind for kind, on in enumerate(counts.on) for _ in range(on.get(node, 0)) if kind != number]
    here.sort(key=lambda kind: (counts.packing.kinds[kind].cost, weights[kind], kind))
    for kind in dict.fromkeys(here):
        way = _without(counts, number, node, [kind])
        if way is not None:
            return way
    gone: list[int] = []
    for kind in reversed(here):
        if _best_after(counts, kind, node, gone) is None:
            continue
        gone.append(kind)
        way = _without(counts, number, node, gone)
        if way is not None:
            for less in list(gone):
                fewer = [kind for kind in gone if kind != less] + [less] * (gone.count(less) - 1)
                other = _without(counts, number, node, fewer)
                if other is not None:
                    gone, way = fewer, other
            return way
    return None


def _best_after(counts: Counts, kind: int, node: int, gone: list[int]) -> int | None:
    """Where it could go once these have gone elsewhere; None where one of them finds no place."""
    steps, last = _shift(counts, node, [*gone, kind])
    _back(counts, node, steps)
    return last


def _without(counts: Counts, number: int, node: int, gone: list[int]) -> _Way | None:
    """The way there, if the pod fits once these kinds' pods have gone elsewhere; the counts are as before."""
    steps, last = _shift(counts, node, gone)
    fits = (not gone or last is not None) and counts.fits(number, node)
    _back(counts, node, steps)
    return _Way(node, tuple(steps), sum(counts.packing.kinds[kind].cost for kind, _ in steps)) if fits else None


def _shift(counts: Counts, node: int, gone: list[int]) -> tuple[list[tuple[int, int]], int | None]:
    steps: list[tuple[int, int]] = []
    target = None
    for kind in gone:
        counts.add(kind, node, -1)
        target = _best(counts, kind, without=node)
        if target is None:
            counts.add(kind, node, 1)
            break
        counts.add(kind, target, 1)
        steps.append((kind, target))
    return steps, target


def _back(counts: Counts, node: int, steps: list[tuple[int, int]]) -> None:
    for kind, target in reversed(steps):
        counts.add(kind, target, -1)
        counts.add(kind, node, 1)
