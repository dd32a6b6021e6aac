"""Takes away what is in a namespace that goes. Source: pkg/controller/namespace/deletion/namespaced_resources_deleter.go."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import KubeObject, Namespace, Pod
from seakeep.twin.actions import Action, Delete
from seakeep.twin.controller import View
from seakeep.twin.controllers import namespace_conditions as conditions
from seakeep.twin.state import State

SLOWEST = 60
"""Seconds between two tries at most."""
# finalizerEstimateSeconds, and the grace period of a pod that does not say.
_FINALIZERS_TAKE, _GRACE = 15, 30


class Content(NamedTuple):
    """What is left in a namespace, what its conditions say of that, seconds until the next look, and whether some of it ends by then without more ado."""

    left: Sequence[KubeObject]
    bad: Mapping[str, tuple[str, str]]
    pause: int
    ends: bool = False


def cleared(view: View, item: Namespace, passed: float) -> Generator[Action, None, Content]:
    """Pods first: while one is there, nothing else is asked to go. `passed` are the seconds since the namespace was deleted."""
    state = view.state
    pods = list(state.within(Pod, item.name))
    estimate = max(map(_grace, pods), default=0)
    yield from _deleted(item, pods)
    left = _left(state, pods)
    held = _FINALIZERS_TAKE // 2 + 1
    if not left:
        rest = [each for group in state.objects().values() for each in group.values() if each.namespace == item.name]
        yield from _deleted(item, rest)
        left = _left(state, rest)
        return Content(left, conditions.remaining(left), held)
    if passed < estimate:
        return Content(left, {}, estimate // 2 + 1, ends=True)
    if any(each.metadata.finalizers for each in left):
        return Content(left, {}, held)
    return Content(left, conditions.overdue(item.name), min(max(int(passed) - estimate, 1), SLOWEST))


def _deleted(namespace: Namespace, items: Iterable[KubeObject]) -> Iterator[Action]:
    yield from (Delete(item.ref, f"namespace: {namespace.name} goes") for item in items)


def _left(state: State, items: Iterable[KubeObject]) -> list[KubeObject]:
    return [found for item in items if (found := state.find(item.ref)) is not None]


def _grace(pod: Pod) -> int:
    """Seconds; nobody waits for one that has ended."""
    own = pod.spec.termination_grace_period_seconds
    return 0 if is_ended(pod) else _GRACE if own is None else own
