"""The twin's admission against the API server's, on generated requests. `make conformance` plays many more."""

from __future__ import annotations

import os

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.admission_cases import CLASSES, GLOBAL_DEFAULT
from tests.conformance.admission_play import play

pytestmark = pytest.mark.engine("kubernetes")
# Eight requests a case, more or less: 900 by default.
CASES = int(os.environ.get("SEAKEEP_CONFORMANCE_CASES", "1200")) // 10
# Cases that once differed.
KEPT = (0, 3, 10, 12, 13, 14, 21, 22, 25, 149, 171, 212, 243, 278, 281, 296, 311, 347, 402, 406, 416, 438, 445)
# What the generator must have made the API server say, so that agreement means something.
WORDS = (
    "exceeded quota",
    "failed quota",
    "violates PodSecurity",
    "minimum",
    "maximum",
    "max limit to request ratio",
    "service account",
    "no PriorityClass",
    "must not be provided in pod spec",
    "must be less than or equal to",
    "pod updates may not",
)


def test_agrees_with_the_api_server(control_plane: ControlPlane) -> None:
    control_plane.api.apply(CLASSES)
    kept = play(control_plane, KEPT, "kept")
    assert kept.differences == []
    found = play(control_plane, range(100, 100 + CASES), "admission")
    assert found.differences[:5] == []
    assert found.accepted > 3 * CASES
    assert found.refused > 2 * CASES
    assert [word for word in WORDS if not found.words[word]] == []


def test_agrees_with_a_global_default_priority(control_plane: ControlPlane) -> None:
    control_plane.api.apply((*CLASSES, GLOBAL_DEFAULT))
    try:
        found = play(control_plane, range(50_000, 50_000 + CASES // 8), "usual")
    finally:
        control_plane.api.delete("scheduling.k8s.io/v1", "PriorityClass", GLOBAL_DEFAULT["metadata"]["name"])
    assert found.differences[:5] == []
    assert found.accepted > 0
