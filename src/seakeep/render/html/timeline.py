"""Warnings over time: one row per reason, one dot per object, larger for more occurrences."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from seakeep.model.report import Moment
from seakeep.render.safe import line

_LEFT, _WIDTH, _ROW, _TOP = 190, 1040, 26, 8
_ROWS = 12


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: int
    radius: float
    current: bool
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    width: int
    height: int
    rows: tuple[Row, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    left_out: int


def draw(moments: Sequence[Moment]) -> Timeline | None:
    """None where there is nothing to show. Reasons with the most occurrences come first; the rest are counted."""
    if not moments:
        return None
    by_reason: dict[str, list[Moment]] = defaultdict(list)
    for moment in moments:
        by_reason[moment.reason or "unknown"].append(moment)
    reasons = sorted(by_reason, key=lambda reason: (-sum(item.count for item in by_reason[reason]), reason))
    shown = reasons[:_ROWS]
    first, last = min(item.time for item in moments), max(item.time for item in moments)
    span = max((last - first).total_seconds(), 1.0)

    def across(time: datetime) -> float:
        return round(_LEFT + 10 + (_WIDTH - _LEFT - 24) * (time - first).total_seconds() / span, 1)

    rows = tuple(Row(_TOP + position * _ROW + _ROW // 2, line(reason, 26)) for position, reason in enumerate(shown))
    dots = tuple(
        Dot(
            across(item.time),
            row.y,
            round(min(3 + math.log2(item.count), 9), 1),
            item.current,
            line(f"{item.time:%Y-%m-%d %H:%M:%S} {item.object} {item.reason} x{item.count}: {item.text}", 240),
        )
        for row, reason in zip(rows, shown, strict=True)
        for item in by_reason[reason]
    )
    form = "%H:%M:%S" if span < 600 else "%H:%M" if span < 86_400 else "%m-%d %H:%M"
    ticks = tuple(
        Tick(across(first + (last - first) * step / 4), f"{first + (last - first) * step / 4:{form}}")
        for step in (range(5) if first != last else range(1))
    )
    return Timeline(_WIDTH, _TOP + len(rows) * _ROW + 30, rows, dots, ticks, len(reasons) - len(shown))
