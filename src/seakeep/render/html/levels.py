"""Ready pods per service over a rehearsal: one row per service, a step line, the need as a dashed line, and what is below it shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seakeep.model.rehearsal import Course
from seakeep.render.rehearsal.text import course_text, duration
from seakeep.render.safe import line

_LEFT, _WIDTH, _ROW, _BAND, _TOP, _RIGHT = 250, 1040, 34, 22, 8, 70
_ROWS = 25


@dataclass(frozen=True, slots=True)
class Shade:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """`top` and `bottom` of its band; `path` is the step line, `needed` the height of the need."""

    top: float
    bottom: float
    label: str
    path: str
    needed: float
    shades: tuple[Shade, ...]
    figures: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Levels:
    width: int
    height: int
    left: int
    right: float
    band: int
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    left_out: int


def draw(courses: Sequence[Course], seconds: float) -> Levels | None:
    """None where nothing changed. Those longest below their need come first; the rest are in the table."""
    if not courses:
        return None
    ordered = sorted(courses, key=lambda item: (-_below(item), item.service))
    shown, span, right = ordered[:_ROWS], max(seconds, 1.0), _WIDTH - _RIGHT

    def across(at: float) -> float:
        return round(_LEFT + (right - _LEFT) * min(at, span) / span, 1)

    rows = []
    for position, item in enumerate(shown):
        top = _TOP + position * _ROW + (_ROW - _BAND) / 2
        bottom = top + _BAND
        most = max(item.intended, *(ready for _, ready in item.points), 1)

        def up(ready: int, bottom: float = bottom, most: int = most) -> float:
            return round(bottom - _BAND * ready / most, 1)

        steps = [f"M{across(0)} {up(item.points[0][1])}"]
        for at, ready in item.points[1:]:
            steps.append(f"H{across(at)}V{up(ready)}")
        steps.append(f"H{right}")
        shades = tuple(Shade(across(start), max(across(end) - across(start), 1.0)) for start, end in item.below)
        low = min(ready for _, ready in item.points)
        rows.append(
            Row(
                top,
                bottom,
                line(item.service, 36),
                "".join(steps),
                up(item.needed),
                shades,
                f"{item.points[0][1]} → {low} → {item.points[-1][1]}",
                line(f"{item.service}, {item.intended} intended, {item.needed} needed: {course_text(item)}", 400),
            )
        )
    ticks = tuple(Tick(across(span * step / 4), duration(span * step / 4)) for step in range(5))
    return Levels(
        _WIDTH, _TOP + len(rows) * _ROW + 30, _LEFT, right, _BAND, tuple(rows), ticks, len(ordered) - len(shown)
    )


def _below(item: Course) -> float:
    return sum(end - start for start, end in item.below)
