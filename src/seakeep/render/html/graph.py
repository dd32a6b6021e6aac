"""The dependency graph as a layered drawing: consumers on the left, what they rely on to their right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seakeep.model.cause import Cause
from seakeep.model.platform import Dependency, ServiceState
from seakeep.model.refs import Ref
from seakeep.render.safe import line

# Pixels of the drawing; it scrolls sideways where the page is narrower.
_WIDTH, _HEIGHT, _COLUMN, _ROW, _MARGIN = 168, 44, 236, 60, 12
_SWEEPS = 6
# What fits into the second line of a box, less the mark between state and figure.
_LETTERS = 24


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    name: str
    figure: str
    state: str
    causes: str


@dataclass(frozen=True, slots=True)
class Arrow:
    path: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def draw(services: Sequence[ServiceState], dependencies: Sequence[Dependency], causes: Sequence[Cause]) -> Drawing:
    """Services that take part in a dependency, or that are unwell; the rest are counted in `left_out`."""
    known = {service.id: service for service in services}
    edges = sorted({(item.source, item.target): item for item in dependencies if item.source != item.target}.items())
    linked = {end for pair, _ in edges for end in pair}
    names = sorted(linked | {service.id for service in services if service.state not in {"up", "unknown"}})
    layers = _layers(names, [pair for pair, _ in edges])
    columns = _ordered(layers, [pair for pair, _ in edges])
    marks = _marks(services, causes)
    place: dict[str, tuple[int, int]] = {}
    tallest = max((len(column) for column in columns), default=0)
    for position, column in enumerate(columns):
        top = (tallest - len(column)) * _ROW // 2
        for row, name in enumerate(column):
            place[name] = (_MARGIN + position * _COLUMN, _MARGIN + top + row * _ROW)
    boxes = tuple(
        _box(name, known.get(name), place[name], marks.get(name, ()))
        for name in sorted(place, key=lambda key: place[key])
    )
    arrows = tuple(Arrow(_curve(place[source], place[target]), item.broken) for (source, target), item in edges)
    return Drawing(
        width=2 * _MARGIN + max(len(columns) - 1, 0) * _COLUMN + _WIDTH,
        height=2 * _MARGIN + max(tallest - 1, 0) * _ROW + _HEIGHT,
        boxes=boxes,
        arrows=arrows,
        left_out=sum(service.id not in place for service in services),
    )


def _box(name: str, service: ServiceState | None, at: tuple[int, int], ranks: Sequence[int]) -> Box:
    figure = "not found" if service is None else service.namespace
    if service is not None and service.ready is not None and service.intended is not None:
        figure = f"{service.ready}/{service.intended} · {service.namespace}"
    return Box(
        x=at[0],
        y=at[1],
        name=line(service.name if service else name, 22),
        figure=line(figure, _LETTERS - len(service.state if service else "unknown")),
        state=service.state if service else "unknown",
        causes=f"{ranks[0]}{'+' if len(ranks) > 1 else ''}" if ranks else "",
    )


def _marks(services: Sequence[ServiceState], causes: Sequence[Cause]) -> Mapping[str, list[int]]:
    """Service id → ranks of the causes whose culprit is one of its workloads."""
    owner = {ref: service.id for service in services for ref in service.workloads}
    found: dict[str, list[int]] = defaultdict(list)
    for cause in causes:
        culprits: list[Ref] = [cause.candidate.object, *cause.candidate.affects]
        hit = next((owner[ref] for ref in culprits if ref in owner), None)
        if hit is not None:
            found[hit].append(cause.rank)
    return found


def _layers(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest distance from a consumer that nothing relies on. A cycle is cut where a depth-first walk closes it."""
    following: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        following[source].append(target)
    done: list[str] = []
    state: dict[str, int] = {}
    forward: list[tuple[str, str]] = []
    for root in names:
        stack = [(root, iter(following[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            name, targets = stack[-1]
            target = next(targets, "")
            if not target:
                state[name] = 2
                done.append(name)
                stack.pop()
            elif state.get(target) != 1:
                forward.append((name, target))
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(following[target])))
    layer = dict.fromkeys(names, 0)
    for name in reversed(done):
        for source, target in forward:
            if source == name:
                layer[target] = max(layer[target], layer[name] + 1)
    return layer


def _ordered(layers: Mapping[str, int], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Columns, each ordered by the mean position of its neighbours so that arrows cross less."""
    columns: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for name in sorted(layers):
        columns[layers[name]].append(name)
    neighbours: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        neighbours[source].append(target)
        neighbours[target].append(source)
    for _ in range(_SWEEPS):
        row = {name: position / max(len(column), 1) for column in columns for position, name in enumerate(column)}
        for column in columns:
            column.sort(
                key=lambda name: (sum(row[other] for other in neighbours[name]) / max(len(neighbours[name]), 1), name)
            )
    return columns


def _curve(source: tuple[int, int], target: tuple[int, int]) -> str:
    start_x, start_y = source[0] + _WIDTH, source[1] + _HEIGHT // 2
    end_x, end_y = target[0] - 4, target[1] + _HEIGHT // 2
    if end_x < start_x:
        end_x, start_x = target[0] + _WIDTH // 2, source[0] + _WIDTH // 2
        start_y, end_y = source[1] + _HEIGHT, target[1] + _HEIGHT + 4
        return f"M{start_x},{start_y} C{start_x},{start_y + 36} {end_x},{end_y + 36} {end_x},{end_y}"
    bend = max((end_x - start_x) // 2, 24)
    return f"M{start_x},{start_y} C{start_x + bend},{start_y} {end_x - bend},{end_y} {end_x},{end_y}"
