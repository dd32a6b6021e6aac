"""Plugins NodeResourcesFit (LeastAllocated) and NodeResourcesBalancedAllocation, with the default weights of cpu and memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seakeep.model.objects import Pod
from seakeep.twin.requests import is_scalar, reserved, scored
from seakeep.twin.scheduler.cluster import Cluster, Ints
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal

_SCORED = ("cpu", "memory")


def fit(cycle: Cycle) -> Iterator[Refusal]:
    """One refusal per resource: a node that lacks two gives both reasons."""
    cluster = cycle.cluster
    yield Refusal(cluster.pod_count + 1 > cluster.allowed_pods, ("Too many pods",))
    for name, amount in sorted(reserved(cycle.pod, running=False).requests.items()):
        if amount > 0 and (name in {"cpu", "memory", "ephemeral-storage"} or is_scalar(name)):
            yield Refusal(amount > _free(cluster, name), (f"Insufficient {name}",))


def exceeds_every_node(cluster: Cluster, pod: Pod) -> bool:
    """More of one resource is requested than any node has in all: no other pod's going makes room."""
    return any(
        amount > 0
        and (name in {"cpu", "memory", "ephemeral-storage"} or is_scalar(name))
        and bool((amount > cluster.allocatable.get(name, cluster.zeros())).all())
        for name, amount in reserved(pod, running=False).requests.items()
    )


def _free(cluster: Cluster, name: str) -> Ints:
    nothing = cluster.zeros()
    return cluster.allocatable.get(name, nothing) - cluster.requested.get(name, nothing)


def least_allocated(cycle: Cycle, feasible: Ints) -> Ints:
    """Mean over cpu and memory of the share left after the pod, by non-zero requests."""
    cluster = cycle.cluster
    wanted = dict(zip(_SCORED, scored(cycle.pod, nonzero=True), strict=True))
    taken = {"cpu": cluster.nonzero_cpu, "memory": cluster.nonzero_memory}
    total = np.zeros(len(feasible), dtype=np.int64)
    counted = np.zeros(len(feasible), dtype=np.int64)
    for name in _SCORED:
        capacity = cluster.allocatable[name][feasible]
        requested = taken[name][feasible] + wanted[name]
        known = capacity > 0
        share = (capacity - requested) * MAX_SCORE // np.where(known, capacity, 1)
        total += np.where(known & (requested <= capacity), share, 0)
        counted += known
    return total // np.maximum(counted, 1)


def balanced_allocation(cycle: Cycle, feasible: Ints) -> Ints | None:
    """How much the pod evens out the use of cpu and memory; None for a pod that requests neither."""
    cluster = cycle.cluster
    wanted = dict(zip(_SCORED, scored(cycle.pod, nonzero=False), strict=True))
    if not any(wanted.values()):
        return None
    with_pod = _balance(cluster, feasible, wanted)
    without = _balance(cluster, feasible, dict.fromkeys(_SCORED, 0))
    half = MAX_SCORE // 2
    found: Ints = half + (half + with_pod - without) // 2
    return found


def _balance(cluster: Cluster, feasible: Ints, wanted: dict[str, int]) -> Ints:
    shares: list[NDArray[np.float64]] = []
    known: list[NDArray[np.bool_]] = []
    for name in _SCORED:
        capacity = cluster.allocatable[name][feasible]
        requested = cluster.requested[name][feasible] + wanted[name]
        known.append(capacity > 0)
        shares.append(np.minimum(requested / np.where(capacity > 0, capacity, 1), 1.0))
    # With two resources the standard deviation is half their distance; with fewer there is none.
    spread = np.where(known[0] & known[1], np.abs((shares[0] - shares[1]) / 2), 0.0)
    return ((1 - spread) * float(MAX_SCORE)).astype(np.int64)
