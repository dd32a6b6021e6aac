"""Tasks on several processes: the same answers in the same order."""

from __future__ import annotations

import multiprocessing
import os
from functools import partial

import pytest

from seakeep.app.forked import forked


def _answer(number: int) -> tuple[int, int]:
    return number, os.getpid()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
def test_many_are_shared_out_and_answered_in_order() -> None:
    found = list(forked([partial(_answer, number) for number in range(100)], 2))
    assert [number for number, _ in found] == list(range(100))
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.parametrize(("count", "jobs"), [(3, 2), (100, 1)])
def test_few_or_one_core_stay_here(count: int, jobs: int) -> None:
    assert list(forked([partial(_answer, number) for number in range(count)], jobs)) == [
        (number, os.getpid()) for number in range(count)
    ]
