"""Many small tasks on as many cores as there are. The order of the answers is that of the tasks, whoever worked them out."""

from __future__ import annotations

import gc
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
# Below this many a fork costs more than it saves.
_FEW = 64
# What forked workers are to do: a twin is too large to be sent to them, and they share its pages.
_shared: list[Sequence[Callable[[], Any]]] = []


def forked(tasks: Sequence[Callable[[], T]], /, jobs: int = 0) -> Iterator[T]:
    """`jobs` 0 means every core. Answers are sent from one process to another; tasks are not."""
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(tasks) < _FEW or "fork" not in multiprocessing.get_all_start_methods():
        yield from (task() for task in tasks)
        return
    _shared.append(tasks)
    if gc.isenabled():  # a command looks for no cycles, nor do its workers
        gc.collect()
        gc.freeze()  # workers that look through all objects would copy their pages
    try:
        with warnings.catch_warnings():
            # NumPy's threads wait in its own pool, and no lock of theirs is held while forking.
            warnings.simplefilter("ignore", DeprecationWarning)
            pool = multiprocessing.get_context("fork").Pool(jobs)
        with pool:
            chunk = max(1, min(16, len(tasks) // (jobs * 4)))
            yield from pool.imap(_one, range(len(tasks)), chunk)
    finally:
        gc.unfreeze()
        _shared.clear()


def _one(number: int) -> Any:
    return _shared[0][number]()
