"""How every output form writes numbers."""

from __future__ import annotations


def figure(value: float | None) -> str:
    """A score from 0 to 100, or `unknown`."""
    return "unknown" if value is None else f"{value:.1f}"


def grade(value: float | None) -> str:
    """How good a score is: good, fair, poor or unknown."""
    if value is None:
        return "unknown"
    return "good" if value >= 95 else "fair" if value >= 80 else "poor"


def counted(number: int, what: str) -> str:
    """`1 pod`, `3 pods`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
