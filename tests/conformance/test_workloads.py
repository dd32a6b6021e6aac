"""Sequences of operations on workloads end the same way on a real control plane and on the twin, field by field.

SEAKEEP_WORKLOAD_CASES sets how many sequences are played (a sample of 24 otherwise).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.workload_cases import Case, Object, case
from tests.conformance.workload_play import differences, is_known, play_real, play_twin, told

COUNT = int(os.environ.get("SEAKEEP_WORKLOAD_CASES", "24"))
FIRST = int(os.environ.get("SEAKEEP_WORKLOAD_FIRST", "0"))
_PARALLEL = 24


def _difference(nodes: list[Object], each: Case, real: list[list[Object]]) -> list[str]:
    stored = next(item for item in real[0] if item["kind"] == each.kind and item["metadata"]["name"] == "it")
    twin = play_twin(nodes, each, stored)
    # The first difference ends it: what follows would only repeat it.
    for index, (one, other) in enumerate(zip(real, twin, strict=True)):
        found = differences(told(one), told(other))
        if found and is_known(each, found):
            return ["known"]
        if found:
            what = each.steps[index - 1].what if index else "create"
            return [f"seed {each.seed} ({each.kind}) after step {index} ({what}): {text}" for text in found]
    return []


@pytest.mark.engine("kubernetes")
def test_sequences_end_the_same_way(control_plane: ControlPlane) -> None:
    nodes = [{"apiVersion": "v1", "kind": "Node"} | node for node in control_plane.api.find("v1", "Node")]
    cases = [case(seed) for seed in range(FIRST, FIRST + COUNT)]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        played = list(pool.map(lambda each: play_real(control_plane, each), cases))
    found = [_difference(nodes, each, real) for each, real in zip(cases, played, strict=True)]
    same, known = found.count([]), found.count(["known"])
    print(f"{same} of {len(cases)} sequences end the same way, {known} differ as is known")
    failed = [text for texts in found for text in texts[:6] if texts != ["known"]]
    assert not failed, "\n".join(failed)
