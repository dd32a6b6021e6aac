"""Scores: a value with its formula and the parts that it can be recomputed from."""

from __future__ import annotations

from msgspec import Struct


class Part(Struct, frozen=True):
    """`value = Σ weight x got / Σ weight x of` over the parts, times 100. `object` names what the part is about."""

    name: str
    object: str
    weight: float
    got: float
    of: float
    note: str = ""


class Score(Struct, frozen=True):
    """`value` is 0–100, or None where nothing could be judged; `coverage` is the judged share (0–1) of what should have been."""

    id: str
    value: float | None
    formula: str
    parts: tuple[Part, ...] = ()
    coverage: float = 1.0
    note: str = ""


class Naive(Struct, frozen=True):
    """What dashboards show: pods in state Running, of all pods that exist."""

    running: int
    total: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.running / self.total, 1) if self.total else None


class Scores(Struct, frozen=True):
    running: Score
    health: Score
    hardening: Score
    naive: Naive
    survival: Score | None = None
    """None where it was not rehearsed."""
