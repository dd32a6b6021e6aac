"""Services that workloads need: a pod is ready only when they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seakeep.facts.podstate import is_ready
from seakeep.model.objects import Pod, Service
from seakeep.model.refs import Ref
from seakeep.twin.faults import root_of
from seakeep.twin.labels import from_map
from seakeep.twin.state import State

# Workload (its topmost controller) → the Services that it needs.
Needs = Mapping[Ref, tuple[Ref, ...]]


def answers(state: State, needs: Needs, workload: Ref, service: Ref) -> bool:
    """A ready pod is behind the Service. What cannot be told (no such Service was read, or one without a selector) counts as answering, and so does one that needs the workload itself: neither could ever start."""
    pods = _behind(state, service)
    if pods is None:
        return service not in state.removed(service.kind)
    return any(is_ready(pod) for pod in pods) or _needs(state, needs, service, workload, frozenset())


def _behind(state: State, service: Ref) -> tuple[Pod, ...] | None:
    item = state.get(Service, service.namespace, service.name)
    if item is None or not item.spec.selector:
        return None
    return state.pods_picked(item.namespace, from_map(item.spec.selector))


def _needs(state: State, needs: Needs, service: Ref, workload: Ref, seen: frozenset[Ref]) -> bool:
    """Whether what is behind the Service needs the workload, directly or not."""
    for root in sorted({root_of(state, pod) for pod in _behind(state, service) or ()}):
        if root == workload:
            return True
        if root not in seen and any(
            _needs(state, needs, each, workload, seen | {root}) for each in needs.get(root, ())
        ):
            return True
    return False


def consumers(state: State, needs: Needs, pod: Pod) -> Iterator[Ref]:
    """Pods whose readiness may hang on this one's."""
    services = {item.ref for item in state.picking(Service, pod.namespace, pod.labels)}
    if not services:
        return
    for workload, wanted in sorted(needs.items()):
        if services.intersection(wanted):
            yield from (each.ref for each in state.within(Pod, workload.namespace) if root_of(state, each) == workload)
