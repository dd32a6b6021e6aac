"""Answers that several leaves ask for are worked out once per snapshot."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from seakeep.facts.index import Index

T = TypeVar("T")


def once(question: Callable[[Index], T]) -> Callable[[Index], T]:
    """Keep the answer for as long as the index lives, and no longer."""

    @wraps(question)
    def answer(index: Index) -> T:
        answers = index.answers
        if question not in answers:
            answers[question] = question(index)
        known: T = answers[question]
        return known

    return answer


def know(index: Index, question: Callable[[Index], T], answer: T) -> None:
    """Gives an answer that need not be worked out."""
    index.answers[getattr(question, "__wrapped__", question)] = answer
