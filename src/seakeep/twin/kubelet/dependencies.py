"""Services that workloads need: a pod is ready only when they answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Pod, Service, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.kubelet.faults import root_of
from seakeep.twin.labels import compile_selector
from seakeep.twin.lookups import selector_of
from seakeep.twin.state import State, topmost

# Workload (its topmost controller) → the Services that it needs.
Needs = Mapping[Ref, tuple[Ref, ...]]


class Needed(dict[Ref, tuple[Ref, ...]]):
    """Needs that are asked from both ends."""

    @cached_property
    def spaces(self) -> frozenset[str]:
        """Namespaces with a Service that is needed."""
        return frozenset(service.namespace for service in self.by_service)

    @cached_property
    def by_service(self) -> Mapping[Ref, tuple[Ref, ...]]:
        found: dict[Ref, list[Ref]] = {}
        for workload, services in sorted(self.items()):
            for service in services:
                found.setdefault(service, []).append(workload)
        return {service: tuple(workloads) for service, workloads in found.items()}


def rooted(snapshot: Snapshot, needs: Needs) -> Needed:
    """By the topmost controller, whatever the workload named belongs to."""
    found: dict[Ref, set[Ref]] = {}
    for workload, services in needs.items():
        found.setdefault(topmost(snapshot.find, workload), set()).update(services)
    return Needed((workload, tuple(sorted(services))) for workload, services in sorted(found.items()))


def answers(state: State, needs: Needs, workload: Ref, service: Ref) -> bool:
    """A ready pod is behind the Service. What cannot be told (no such Service was read, or one without a selector) counts as answering, and so does one that needs the workload itself: neither could ever start."""
    item = state.get(Service, service.namespace, service.name)
    if item is None or not item.spec.selector:
        return service not in state.removed(service.kind)
    return state.picks(service.namespace, selector_of(item), is_ready) or _needs(
        state, needs, service, workload, frozenset()
    )


def _behind(state: State, service: Ref) -> Iterable[Pod]:
    item = state.get(Service, service.namespace, service.name)
    return state.pods_picked(item.namespace, selector_of(item)) if item is not None else ()


def _needs(state: State, needs: Needs, service: Ref, workload: Ref, seen: frozenset[Ref]) -> bool:
    """Whether what is behind the Service needs the workload, directly or not."""
    roots = {root_of(state, pod) for pod in _behind(state, service)}
    if workload in roots:
        return True
    for root in roots:  # in whatever order: it is asked only whether there is one
        if root in needs and root not in seen:
            further = seen | {root}
            if any(_needs(state, needs, each, workload, further) for each in needs[root]):
                return True
    return False


def consumers(state: State, needs: Needs, pod: Pod) -> Iterator[Ref]:
    """Pods whose readiness may hang on this one's: those that need a Service behind which no other pod is ready."""
    known = needs if isinstance(needs, Needed) else Needed(needs)
    space = pod.metadata.namespace
    if space not in known.spaces:
        return
    by_service = known.by_service
    for ref in state.who_picks(Service, space, pod.metadata.labels):
        wanting = by_service.get(ref)
        service = state.get(Service, space, ref.name) if wanting else None
        if not wanting or service is None or state.picks(space, selector_of(service), is_ready, but=pod.metadata.name):
            continue
        for workload in wanting:
            for each in _pods(state, workload):
                # One that has no node yet, or is asked to end, becomes neither ready nor unready.
                if each.spec.node_name and not each.metadata.deletion_timestamp and root_of(state, each) == workload:
                    yield each.ref


def _pods(state: State, workload: Ref) -> Iterable[Pod]:
    """Those of the workload, and perhaps others."""
    item = state.find(workload)
    if isinstance(item, Workload) and item.spec.selector is not None:
        return state.pods_picked(workload.namespace, compile_selector(item.spec.selector))
    return state.within(Pod, workload.namespace)
