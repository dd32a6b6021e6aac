"""Pods that name a scheduler of their own, and whether one of that name was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.scheduler_health import (
    DEFAULT_SCHEDULER,
    is_untouched,
    is_waiting_long,
    scheduler_of,
)
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import ConfigMap, Lease, Pod
from seakeep.model.refs import Ref

# A scheduler that has placed a pod within this time is there.
_LATELY = timedelta(minutes=10)


class Unheeded(Struct, frozen=True):
    """Pods of one workload that `scheduler` has not looked at. `ran` tells that something of that name was seen, whatever its state."""

    workload: Ref
    scheduler: str
    pods: tuple[Pod, ...]
    ran: Sequence[Ref]
    running: bool


@once
def unheeded(index: Index) -> tuple[Unheeded, ...]:
    groups: dict[tuple[Ref, str], list[Pod]] = {}
    for workload, pods in sorted(index.pods_by_workload.items()):
        for pod in pods:
            left = is_untouched(index, pod) and is_waiting_long(index, pod)
            name = scheduler_of(index, pod) if left else DEFAULT_SCHEDULER
            if name != DEFAULT_SCHEDULER:
                groups.setdefault((workload, name), []).append(pod)
    return tuple(_of(index, workload, name, pods) for (workload, name), pods in groups.items())


def _of(index: Index, workload: Ref, name: str, pods: list[Pod]) -> Unheeded:
    ran = [pod for pod in index.pods if _is_it(pod, name)]
    leases = [item.ref for item in index.snapshot.all(Lease) if item.name == name]
    profiles = [item.ref for item in index.snapshot.all(ConfigMap) if any(name in text for text in item.data.values())]
    lately = any(
        pod.spec.scheduler_name == name
        and pod.spec.node_name
        and pod.metadata.creation_timestamp
        and index.now - pod.metadata.creation_timestamp < _LATELY
        for pod in index.pods
    )
    known = [*(pod.ref for pod in ran), *leases, *profiles]
    return Unheeded(workload, name, tuple(pods), known, lately or any(is_ready(pod) for pod in ran))


def _is_it(pod: Pod, name: str) -> bool:
    """Called like it, or told the name of its profile."""
    words = name.removesuffix("-scheduler")
    called = pod.name.startswith(name) or (words in pod.name and "scheduler" in pod.name)
    return called or any(
        name in text and "scheduler" in text for item in pod.spec.containers for text in (*item.command, *item.args)
    )
