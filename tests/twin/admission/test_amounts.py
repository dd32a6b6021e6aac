"""Quantities are written as Kubernetes writes them."""

from __future__ import annotations

import pytest

from seakeep.model.quantity import QuantityError
from seakeep.twin.admission.amounts import amounts, parse, pretty


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1023", "1023"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("2048", "2048"),
        ("1000k", "1M"),
        ("0Gi", "0"),
        (2, "2"),
        ("-5", "-5"),
    ],
)
def test_canonical_form(written: str | int, stored: str) -> None:
    assert str(parse(written)) == stored


def test_a_sum_keeps_the_form_of_the_first_unless_that_is_zero() -> None:
    assert str(parse("1Gi").plus(parse("1G"))) == "2073741824"
    assert str(parse("1Gi").plus(parse("512Mi"))) == "1536Mi"
    assert str(parse("0").plus(parse("2Gi"))) == "2Gi"
    assert str(parse("100m").minus(parse("1"))) == "-900m"


def test_lists_are_sorted_by_name_and_leave_out_what_is_no_quantity() -> None:
    assert pretty(amounts({"pods": "2", "cpu": "1500m", "odd": "much"})) == "cpu=1500m,pods=2"
    with pytest.raises(QuantityError):
        parse("much")
