"""Answers that several leaves ask for are worked out once per snapshot."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from seakeep.facts.index import Index

T = TypeVar("T")


def once(question: Callable[[Index], T]) -> Callable[[Index], T]:
    """Keep the answer for as long as the index lives, and no longer."""
    known: WeakKeyDictionary[Index, T] = WeakKeyDictionary()

    @wraps(question)
    def answer(index: Index) -> T:
        try:
            return known[index]
        except KeyError:
            return known.setdefault(index, question(index))

    return answer
