"""Tasks that do not touch each other, each on its own branch: who is to carry them out is the caller's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Apart(Protocol):
    """The answers, in the order of the tasks, each as soon as it and those before it are there."""

    def __call__(self, tasks: Sequence[Callable[[], T]], /) -> Iterable[T]: ...


def one_by_one(tasks: Sequence[Callable[[], T]], /) -> Iterable[T]:
    return (task() for task in tasks)
