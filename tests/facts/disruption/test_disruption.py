"""Rounding of a budget's percentages, as the disruption controller does it."""

from __future__ import annotations

import pytest

from seakeep.facts.disruption.disruption import scaled


@pytest.mark.parametrize(
    ("amount", "total", "figure"),
    [("50%", 3, 2), ("10%", 3, 1), ("100%", 3, 3), ("0%", 3, 0), (2, 3, 2), ("oops", 3, 0), ("1%", 1000, 10)],
)
def test_percentages_round_up(amount: int | str, total: int, figure: int) -> None:
    assert scaled(amount, total) == figure
