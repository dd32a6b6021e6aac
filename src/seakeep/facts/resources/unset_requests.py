"""Containers that ask for no CPU or no memory, or have no memory limit, after all that fills such fields in."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.autoscaling.autoscaled import vertical
from seakeep.facts.index import Index
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import is_sidecar
from seakeep.model.objects import Container


def running(entry: Judged) -> tuple[Container, ...]:
    """What runs for as long as the pod does, sidecars included."""
    if not entry.spec.init_containers:
        return entry.spec.containers
    return (*(item for item in entry.spec.init_containers if is_sidecar(item)), *entry.spec.containers)


def unset_requests(index: Index, entry: Judged) -> Mapping[str, list[str]]:
    """Container → what it does not ask for. What the pod as a whole asks for, or a VerticalPodAutoscaler sets, no container has to."""
    found, filled = {}, None
    for item in running(entry):
        own = item.resources
        lacking = [name for name in ("cpu", "memory") if name not in own.requests and name not in own.limits]
        if lacking and filled is None:
            filled = _filled(index, entry)
        lacking = [name for name in lacking if filled is None or name not in filled]
        if lacking:
            found[item.name] = lacking
    return found


def _filled(index: Index, entry: Judged) -> frozenset[str]:
    """A limit without a request becomes the request (API server defaulting)."""
    pod, (requests, limits) = entry.spec.resources, defaults_in(index, entry.ref.namespace)
    _, written = vertical(index).get(entry.ref, (None, frozenset[str]()))
    return frozenset((*pod.requests, *pod.limits, *requests, *limits, *written))


def without_memory_limit(index: Index, entry: Judged) -> list[Container]:
    """The pod's own limit bounds all of its containers together."""
    if "memory" in entry.spec.resources.limits or "memory" in defaults_in(index, entry.ref.namespace)[1]:
        return []
    return [item for item in running(entry) if "memory" not in item.resources.limits]
