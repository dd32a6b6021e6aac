"""Quantities as Kubernetes reads them (apimachinery resource.Quantity)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.model.quantity import QuantityError, format_bytes, format_cpu, milli, value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("100m", 100),
        ("1", 1000),
        ("0.1", 100),
        ("1.5", 1500),
        (".5", 500),
        ("1e3", 1_000_000),
        ("1E", 10**21),
        ("1Ei", 1024**6 * 1000),
        ("1k", 10**6),
        ("1n", 1),
        ("-2", -2000),
        ("1Gi", 1024**3 * 1000),
        (2, 2000),
        (0.25, 250),
        ("0", 0),
        ("12e-1", 1200),
    ],
)
def test_milli(text: str | float, wanted: int) -> None:
    assert milli(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "1_0", "inf", "nan", "1 Gi", "1GI", "Gi", "1..2", "0x10", "1e", "--1", "١", "1m1", "1e99999", "1K"]
)
def test_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        milli(text)


def test_value_rounds_up() -> None:
    assert value("1100m") == 2
    assert value("100m") == 1


@given(st.integers(0, 10**12))
def test_formats_can_be_read_back(amount: int) -> None:
    assert abs(value(format_bytes(amount)) - amount) <= max(amount * 0.001, 1)
    assert milli(format_cpu(amount % 1000)) == amount % 1000
