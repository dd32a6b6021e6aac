"""Crash loops that go on beside what is tried: nobody waits for them, so that they need not be played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from seakeep.model.objects import Pod
from seakeep.twin.observed import Observed

T = TypeVar("T")


def failing(twin: Observed) -> tuple[Pod, ...]:
    """The pods of a settled twin that fail for good."""
    return tuple(pod for pod in twin.state.all(Pod) if twin.fails(pod))


def beside(base: Observed, pods: Sequence[Pod], act: Callable[[Observed], T]) -> T:
    """What comes of `act` on a branch of `base` where these failing pods are held still. Where it touches one of them, or puts right why it fails, `act` is done again on a branch where all of them go on."""
    twin = base.branch()
    twin.hold_still(pod.ref for pod in pods)
    found = act(twin)
    if all(twin.state.find(pod.ref) is pod and twin.fails(pod) for pod in pods):
        return found
    return act(base.branch())
