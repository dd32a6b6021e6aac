"""What a pod reserves. Source: component-helpers `resource.PodRequests` and kube-scheduler's `PodInfo.CalculateResource`, Kubernetes 1.37.

Amounts are millicores of cpu and whole units (bytes, numbers) of everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from seakeep.model.objects import Container, ContainerStatus, Pod
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import PodStatus
from seakeep.model.quantity import QuantityError, nano
from seakeep.twin.memo import by_identity

Amounts = dict[str, int]
V = TypeVar("V")
# What the scheduler assumes of a container that requests nothing, when it scores (pkg/scheduler/util/pod_resources.go).
DEFAULT_CPU = 100
DEFAULT_MEMORY = 200 * 1024 * 1024
_NANO = 10**9
_DEFAULTS = {"cpu": DEFAULT_CPU * _NANO // 1000, "memory": DEFAULT_MEMORY * _NANO}
_NATIVE = frozenset({"cpu", "memory", "ephemeral-storage", "pods", "storage"})
# What an int64 holds, and `Quantity.Value` gives for anything beyond it.
_MOST = 2**63 - 1
_Source = Callable[[Container, ContainerStatus | None], Quantities]


@dataclass(frozen=True, slots=True)
class Reserved:
    """`requests` as the node's room is charged; `nonzero_cpu` and `nonzero_memory` as scores see it."""

    requests: Amounts
    nonzero_cpu: int
    nonzero_memory: int


def reserved(pod: Pod, *, running: bool) -> Reserved:
    """`running` takes what the kubelet allocated and actuated into account (in-place resize), as for pods on a node."""
    if running and is_resized(pod):
        return _reserved(pod, running=True)
    spec = pod.spec
    parts = (spec.containers, spec.init_containers, spec.resources, spec.overhead)
    key = (id(parts[0]), id(parts[1]), id(parts[2]), id(parts[3]))
    found = _known.get(key)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[key] = (parts, _reserved(pod, running=False))
    return found[1]


# By the identity of the parts of a specification that count; those are held, so that no others get their ids. A pod comes, changes and goes, and takes the same.
_known: dict[tuple[int, int, int, int], tuple[object, Reserved]] = {}
_MOST_KNOWN = 65_536


def is_resized(pod: Pod) -> bool:
    """The kubelet says what it has given, or that it cannot give what is asked."""
    return _is_resized(pod.status)


@by_identity
def _is_resized(status: PodStatus) -> bool:
    if status.resources or status.allocated_resources is not None or _is_infeasible(status):
        return True
    for item in status.container_statuses:
        if item.resources or item.allocated_resources is not None:
            return True
    for item in status.init_container_statuses:  # noqa: SIM110 - as above: asked for every pod that moves
        if item.resources or item.allocated_resources is not None:
            return True
    return False


def _reserved(pod: Pod, *, running: bool) -> Reserved:
    plain = _requests(pod, frozenset(), running=running)
    level = _pod_level(pod)
    missing = frozenset(_DEFAULTS) if not level else frozenset(name for name in _DEFAULTS if name not in plain)
    full = _requests(pod, missing, running=running) if missing else plain
    whole = _whole(full)
    return Reserved(_whole(plain), whole.get("cpu", 0), whole.get("memory", 0))


def scored(pod: Pod, *, nonzero: bool, running: bool = True) -> tuple[int, int]:
    """Millicores and bytes of a pod to place, as the resource scores count it. LeastAllocated (`nonzero`) leaves pod-level requests out: `NewFit` does not hand that feature to its scorer."""
    found = _whole(
        _requests(pod, frozenset(_DEFAULTS) if nonzero else frozenset(), running=running, pod_level=not nonzero)
    )
    return found.get("cpu", 0), found.get("memory", 0)


def is_scalar(name: str) -> bool:
    """Extended resources, huge pages, attachable volumes and prefixed native names: what is counted in whole numbers besides cpu, memory and storage."""
    if name in _NATIVE:
        return False
    if name.startswith(("hugepages-", "attachable-volumes-")):
        return True
    return "/" in name and not name.startswith("requests.")


def amounts(quantities: Quantities) -> Amounts:
    """Of a node's allocatable or another list of quantities; what is no quantity counts as nothing."""
    return _whole(_nanos(quantities))


def _nanos(quantities: Quantities) -> Amounts:
    found: Amounts = {}
    for name, quantity in quantities.items():
        try:
            found[name] = nano(quantity)
        except QuantityError:
            continue
    return found


def _whole(nanos: Mapping[str, int]) -> Amounts:
    """Sums are rounded up, not what they are made of."""
    return {
        name: max(-_MOST, min(_MOST, -(-amount // (_NANO // 1000 if name == "cpu" else _NANO))))
        for name, amount in nanos.items()
    }


def _requests(pod: Pod, nonmissing: frozenset[str], *, running: bool, pod_level: bool = True) -> Amounts:
    total = _containers(pod, nonmissing, lambda container, _: container.resources.requests)
    level = _nanos(_pod_level(pod)) if pod_level else {}
    if running and is_resized(pod):
        infeasible, status = _is_infeasible(pod.status), pod.status
        given = status.resources.requests if status.resources is not None else None
        if status.allocated_resources is not None and given is not None:
            # Of the whole pod, which is more exact than the sum of its containers.
            granted = [_nanos(status.allocated_resources), _nanos(given)]
        else:
            granted = [
                _containers(pod, nonmissing, lambda item, status: _allocated(item, status, infeasible=infeasible)),
                _containers(pod, nonmissing, lambda item, status: _actuated(item, status, infeasible=infeasible)),
            ]
        total = _most(*granted) if infeasible else _most(total, *granted)
        if level and status.resources is not None:
            told = _most(_nanos(given or {}), _nanos(status.allocated_resources or {}))
            level = _level_only(told if infeasible else _most(level, told))
    total |= level
    for name, amount in _nanos(pod.spec.overhead).items():
        total[name] = total.get(name, 0) + amount
    return total


def _is_infeasible(status: PodStatus) -> bool:
    """`IsPodResizeInfeasible`: the first condition of the type decides."""
    for item in status.conditions:
        if item.type == "PodResizePending":
            return item.reason == "Infeasible"
    return False


def _pod_level(pod: Pod) -> Quantities:
    """Pod-level requests (KEP-2837) replace the containers' for cpu, memory and huge pages."""
    return _level_only(pod.spec.resources.requests)


def _level_only(amounts: Mapping[str, V]) -> dict[str, V]:
    return {
        name: amount for name, amount in amounts.items() if name in {"cpu", "memory"} or name.startswith("hugepages-")
    }


def _allocated(container: Container, status: ContainerStatus | None, *, infeasible: bool) -> Quantities:
    if status is not None and status.allocated_resources is not None:
        return status.allocated_resources
    return {} if infeasible else container.resources.requests


def _actuated(container: Container, status: ContainerStatus | None, *, infeasible: bool) -> Quantities:
    if status is not None and status.resources is not None and status.resources.requests is not None:
        return status.resources.requests
    return _allocated(container, status, infeasible=infeasible)


def _most(*lists: Mapping[str, int]) -> Amounts:
    found: Amounts = {}
    for each in lists:
        for name, amount in each.items():
            found[name] = max(found.get(name, amount), amount)
    return found


def _containers(pod: Pod, nonmissing: frozenset[str], source: _Source) -> Amounts:
    """Containers run together; init containers one after the other, each beside the sidecars started before it (KEP-753)."""
    statuses = {item.name: item for item in (*pod.status.init_container_statuses, *pod.status.container_statuses)}
    total: Amounts = {}
    for container in pod.spec.containers:
        _add(total, _one(container, statuses, nonmissing, source))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in pod.spec.init_containers:
        wanted = _one(container, statuses, nonmissing, source)
        if container.restart_policy == "Always":
            _add(total, wanted)
            _add(sidecars, wanted)
            wanted = dict(sidecars)
        else:
            _add(wanted, sidecars)
        for name, amount in wanted.items():
            peak[name] = max(peak.get(name, amount), amount)
    for name, amount in peak.items():
        total[name] = max(total.get(name, amount), amount)
    return total


def _one(
    container: Container, statuses: Mapping[str, ContainerStatus], nonmissing: frozenset[str], source: _Source
) -> Amounts:
    found = _nanos(source(container, statuses.get(container.name)))
    for name in nonmissing:
        found.setdefault(name, _DEFAULTS[name])
    return found


def _add(total: Amounts, more: Mapping[str, int]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0) + amount
