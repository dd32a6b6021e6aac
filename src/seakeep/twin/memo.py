"""Answers about values that never change, worked out once. The twin's objects are frozen and shared: the same template, selector or specification is asked about again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
V = TypeVar("V")
# So many answers are kept at most, then all are forgotten.
_MOST = 8192


def by_identity(function: Callable[[A], V]) -> Callable[[A], V]:
    """For a function of one frozen value: its answer for the same object is remembered (an equal one is another)."""
    known: dict[int, tuple[A, V]] = {}

    @wraps(function)
    def ask(item: A) -> V:
        found = known.get(id(item))
        if found is not None:
            return found[1]
        answer = function(item)
        if len(known) >= _MOST:
            known.clear()
        known[id(item)] = (item, answer)  # held, so that no other object gets its id
        return answer

    return ask


def by_identities(function: Callable[[A, B], V]) -> Callable[[A, B], V]:
    """The same for two values."""
    known: dict[tuple[int, int], tuple[A, B, V]] = {}

    @wraps(function)
    def ask(one: A, other: B) -> V:
        key = (id(one), id(other))
        found = known.get(key)
        if found is not None:
            return found[2]
        answer = function(one, other)
        if len(known) >= _MOST:
            known.clear()
        known[key] = (one, other, answer)
        return answer

    return ask
