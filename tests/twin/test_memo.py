"""Answers about values that never change are worked out once for each object."""

from __future__ import annotations

import pytest

from seakeep.twin import memo
from seakeep.twin.memo import by_identities, by_identity


def test_the_same_object_is_asked_about_once_and_an_equal_one_anew() -> None:
    asked: list[list[int]] = []

    @by_identity
    def total(item: list[int]) -> int:
        asked.append(item)
        return sum(item)

    one, other = [1, 2], [1, 2]
    assert [total(one), total(one), total(other)] == [3, 3, 3]
    assert len(asked) == 2


def test_of_two_objects_both_count() -> None:
    asked: list[str] = []

    @by_identities
    def same(one: list[int], other: list[int]) -> bool:
        asked.append("")
        return one == other

    first, second, third = [1], [1], [2]
    assert [same(first, second), same(first, third), same(first, second)] == [True, False, True]
    assert len(asked) == 2


def test_an_object_that_is_gone_does_not_lend_its_answer_to_the_next_at_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memo, "_MOST", 3)
    length = by_identity(len)
    for number in range(200):
        assert length([0] * (number % 7)) == number % 7
