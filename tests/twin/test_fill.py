"""Placing many pods fast decides as judging each of them does."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from seakeep.adapters.assemble import Assembly
from seakeep.model.objects import Pod
from seakeep.model.snapshot import Snapshot
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.fill import fill
from seakeep.twin.scheduler.profile import judge
from seakeep.twin.state import State
from tests.conformance.scheduling_cases import case


def snapshot(seed: int) -> Snapshot:
    assembly = Assembly("case")
    for item in case(seed)["items"]:
        assembly.add_raw(item)
    return assembly.snapshot()


def one_by_one(cluster: Cluster, pods: list[Pod]) -> list[int]:
    found = []
    for pod in pods:
        verdict = judge(cluster, pod)
        node = cluster.index[verdict.feasible[int(np.argmax(verdict.total))]] if verdict.feasible else -1
        found.append(node)
        if node >= 0:
            cluster.place(pod, node)
    return found


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_same_decisions(start: int) -> None:
    placed = 0
    for seed in range(start, start + 100):
        found = snapshot(seed)
        pods = [pod for pod in found.all(Pod) if pod.status.phase != "Succeeded"]
        # Everything is placed anew, several times over, in an order that mixes the kinds.
        pods = [pod for turn in range(3) for pod in pods[turn::3]]

        waiting = [
            replace(
                pod,
                metadata=replace(pod.metadata, name=f"{pod.name}-{copy}", deletion_timestamp=None),
                spec=replace(pod.spec, node_name=""),
            )
            for copy in range(3)
            for pod in pods
        ]
        expected = one_by_one(Cluster(State(found.objects)), waiting)
        assert fill(Cluster(State(found.objects)), waiting) == expected, seed
        placed += sum(node >= 0 for node in expected)
    assert placed > 500
