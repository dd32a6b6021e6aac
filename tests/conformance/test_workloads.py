"""Sequences of operations on workloads end the same way on a real control plane and on the twin, field by field.

SEAKEEP_WORKLOAD_CASES sets how many sequences are played (a sample of 24 otherwise).
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.conformance.by_hand import Planes
from tests.conformance.fidelity import record
from tests.conformance.kept import kept
from tests.conformance.workload_cases import Case, Object, case
from tests.conformance.workload_play import differences, is_known, play_real, play_twin, told

COUNT = int(os.environ.get("SEAKEEP_WORKLOAD_CASES", "24"))
FIRST = int(os.environ.get("SEAKEEP_WORKLOAD_FIRST", "0"))
_PARALLEL = 24


@dataclass
class Compared:
    """One sequence: the states and objects that were held against each other, and how they differ."""

    states: int = 0
    objects: int = 0
    known: str = ""
    texts: tuple[str, ...] = ()


def _compared(nodes: list[Object], each: Case, real: list[list[Object]]) -> Compared:
    stored = next(item for item in real[0] if item["kind"] == each.kind and item["metadata"]["name"] == "it")
    twin = play_twin(nodes, each, stored)
    done = Compared()
    # The first difference ends it: what follows would only repeat it.
    for index, (one, other) in enumerate(zip(real, twin, strict=True)):
        done.states += 1
        done.objects += len(one)
        found = differences(told(one), told(other))
        if found and is_known(each, found):
            done.known = "progressing-reason"
        elif found:
            what = each.steps[index - 1].what if index else "create"
            done.texts = tuple(f"seed {each.seed} ({each.kind}) after step {index} ({what}): {text}" for text in found)
        if found:
            break
    return done


@pytest.mark.engine("kubernetes")
def test_sequences_end_the_same_way(later_control_plane: Planes) -> None:
    start = time.monotonic()
    cases = [case(seed) for seed in range(FIRST, FIRST + COUNT)]

    def play() -> tuple[list[Object], list[list[list[Object]]]]:
        plane = later_control_plane()
        nodes = [{"apiVersion": "v1", "kind": "Node"} | node for node in plane.api.find("v1", "Node")]
        with ThreadPoolExecutor(_PARALLEL) as pool:
            return nodes, list(pool.map(lambda each: play_real(plane, each), cases))

    nodes, played = kept("workloads", cases, tuple[list[Object], list[list[list[Object]]]], play)
    found = [_compared(nodes, each, real) for each, real in zip(cases, played, strict=True)]
    record(
        "workloads",
        cases=len(cases),
        compared={
            "sequences": len(cases),
            "states": sum(each.states for each in found),
            "objects": sum(each.objects for each in found),
        },
        differences={
            "progressing-reason": sum(bool(each.known) for each in found),
            "": sum(bool(each.texts) for each in found),
        },
        seconds=time.monotonic() - start,
        what="sequences of changes to a Deployment, ReplicaSet, StatefulSet or DaemonSet (scale, images, strategies, faults, deleted pods) with the real controllers: "
        "after each change all objects of the namespace, field by field, less times, uids and generated names",
    )
    failed = [text for each in found for text in each.texts[:6]]
    assert not failed, "\n".join(failed)
