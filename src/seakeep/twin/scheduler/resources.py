"""Plugins NodeResourcesFit (LeastAllocated) and NodeResourcesBalancedAllocation, with the default weights of cpu and memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seakeep.model.objects import Pod
from seakeep.twin.requests import is_resized, is_scalar, reserved, scored
from seakeep.twin.scheduler.cluster import Cluster, Ints
from seakeep.twin.scheduler.kinds import PodKind
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal, some


def fit(cycle: Cycle) -> Iterator[Refusal]:
    """Two refusals per resource, of nodes that lack it now and of those that are too small; a node that lacks two resources gives both reasons."""
    cluster = cycle.cluster
    yield Refusal(cluster.pod_count >= cluster.allowed_pods, ("Too many pods",), resolvable=True)
    for name, amount in cycle.kind.ask(needed):
        capacity, taken = _capacity(cluster, name), cluster.requested.get(name)
        lacking = amount > (capacity if taken is None else capacity - taken)
        if some(lacking):
            too_small = lacking & (amount > capacity)
            yield Refusal(lacking & ~too_small, (f"Insufficient {name}",), resolvable=True)
            yield Refusal(too_small, (f"Insufficient {name}",))


def needed(pod: Pod) -> list[tuple[str, int]]:
    """The resources that a pod needs room for, with how much, by name."""
    return [
        (name, amount)
        for name, amount in sorted(reserved(pod, running=False).requests.items())
        if amount > 0 and (name in {"cpu", "memory", "ephemeral-storage"} or is_scalar(name))
    ]


def exceeds_every_node(cluster: Cluster, kind: PodKind) -> bool:
    """More of one resource is requested than any node has in all: no other pod's going makes room."""
    return any(not some(amount <= _capacity(cluster, name)) for name, amount in kind.ask(needed))


def _capacity(cluster: Cluster, name: str) -> Ints:
    found = cluster.allocatable.get(name)
    return cluster.zeros() if found is None else found


def least_allocated(cycle: Cycle, feasible: Ints) -> Ints:
    """Mean over cpu and memory of the share left after the pod, by non-zero requests."""
    cluster = cycle.cluster
    cpu, memory = _scored(cycle)[0]
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
    cpu, memory = _scored(cycle)[1]
    if not cpu and not memory:
        return None
    cpus, memories = cluster.allocatable["cpu"][feasible], cluster.allocatable["memory"][feasible]
    used_cpu, used_memory = cluster.requested["cpu"][feasible], cluster.requested["memory"][feasible]
    with_pod = balance(used_cpu + cpu, cpus, used_memory + memory, memories)
    without = balance(used_cpu, cpus, used_memory, memories)
    half = MAX_SCORE // 2
    found: Ints = half + (half + with_pod - without) // 2
    return found


def _scored(cycle: Cycle) -> tuple[tuple[int, int], tuple[int, int]]:
    """See `PodKind.scored`. What the kubelet has given is the pod's own, and `NewFit` does not hand that feature to its scorer either."""
    least_, balance_ = cycle.kind.scored
    return least_, scored(cycle.pod, nonzero=False) if is_resized(cycle.pod) else balance_


def least(cpus: Ints, cpu: Ints, memories: Ints, memory: Ints) -> Ints:
    """LeastAllocated of nodes by what would be used of their cpu and memory; what they have none of does not count, unlike less than none."""
    one = np.where(cpu <= cpus, (cpus - cpu) * MAX_SCORE // np.maximum(cpus, 1), 0)
    two = np.where(memory <= memories, (memories - memory) * MAX_SCORE // np.maximum(memories, 1), 0)
    known = (cpus != 0).astype(np.int64) + (memories != 0)
    found: Ints = (one + two) // np.maximum(known, 1)
    return found


def balance(cpu: Ints, cpus: Ints, memory: Ints, memories: Ints) -> Ints:
    """0-100 by how alike the used shares of cpu and memory are; with two resources the standard deviation is half their distance."""
    one = np.minimum(cpu / np.where(cpus, cpus, 1), 1.0)
    two = np.minimum(memory / np.where(memories, memories, 1), 1.0)
    spread_ = np.where((cpus != 0) & (memories != 0), np.abs((one - two) / 2), 0.0)
    return ((1 - spread_) * float(MAX_SCORE)).astype(np.int64)
