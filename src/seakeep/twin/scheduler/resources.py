"""Plugins NodeResourcesFit (LeastAllocated) and NodeResourcesBalancedAllocation, with the default weights of cpu and memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seakeep.model.objects import Pod
from seakeep.twin.requests import is_scalar, reserved, scored
from seakeep.twin.scheduler.cluster import Cluster, Ints
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal


def fit(cycle: Cycle) -> Iterator[Refusal]:
    """Two refusals per resource, of nodes that lack it now and of those that are too small; a node that lacks two resources gives both reasons."""
    cluster = cycle.cluster
    yield Refusal(cluster.pod_count + 1 > cluster.allowed_pods, ("Too many pods",), resolvable=True)
    for name, amount in sorted(reserved(cycle.pod, running=False).requests.items()):
        if amount > 0 and (name in {"cpu", "memory", "ephemeral-storage"} or is_scalar(name)):
            lacking = amount > _free(cluster, name)
            too_small = lacking & (amount > cluster.allocatable.get(name, cluster.zeros()))
            yield Refusal(lacking & ~too_small, (f"Insufficient {name}",), resolvable=True)
            yield Refusal(too_small, (f"Insufficient {name}",))


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
    cpu, memory = scored(cycle.pod, nonzero=True)
    capacity = cluster.allocatable
    return least(
        capacity["cpu"][feasible],
        cluster.nonzero_cpu[feasible] + cpu,
        capacity["memory"][feasible],
        cluster.nonzero_memory[feasible] + memory,
    )


def balanced_allocation(cycle: Cycle, feasible: Ints) -> Ints | None:
    """How much the pod evens out the use of cpu and memory; None for a pod that requests neither."""
    cluster = cycle.cluster
    cpu, memory = scored(cycle.pod, nonzero=False)
    if not cpu and not memory:
        return None
    cpus, memories = cluster.allocatable["cpu"][feasible], cluster.allocatable["memory"][feasible]
    used_cpu, used_memory = cluster.requested["cpu"][feasible], cluster.requested["memory"][feasible]
    with_pod = balance(used_cpu + cpu, cpus, used_memory + memory, memories)
    without = balance(used_cpu, cpus, used_memory, memories)
    half = MAX_SCORE // 2
    found: Ints = half + (half + with_pod - without) // 2
    return found


def least(cpus: Ints, cpu: Ints, memories: Ints, memory: Ints) -> Ints:
    """LeastAllocated of nodes by what would be used of their cpu and memory."""
    one = np.where(cpu <= cpus, (cpus - cpu) * MAX_SCORE // np.maximum(cpus, 1), 0)
    two = np.where(memory <= memories, (memories - memory) * MAX_SCORE // np.maximum(memories, 1), 0)
    known = (cpus > 0).astype(np.int64) + (memories > 0)
    found: Ints = (one + two) // np.maximum(known, 1)
    return found


def balance(cpu: Ints, cpus: Ints, memory: Ints, memories: Ints) -> Ints:
    """0-100 by how alike the used shares of cpu and memory are; with two resources the standard deviation is half their distance."""
    one = np.minimum(cpu / np.maximum(cpus, 1), 1.0)
    two = np.minimum(memory / np.maximum(memories, 1), 1.0)
    spread_ = np.where((cpus > 0) & (memories > 0), np.abs((one - two) / 2), 0.0)
    return ((1 - spread_) * float(MAX_SCORE)).astype(np.int64)
