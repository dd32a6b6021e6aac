"""What the terminal says of pods that wait for the scheduler."""

from __future__ import annotations

import pytest

from seakeep.render.rehearsal.placements import placements_text
from seakeep.render.rehearsal.types import Placement


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        ({}, "no nodes available to schedule pods"),
        (
            {"a": ["Insufficient cpu", "Insufficient memory"], "b": ["Insufficient cpu"]},
            "0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.",
        ),
        (
            {"a": ["waiting for scheduling gates: [example.com/wait]"]},
            "SchedulingGated: waiting for scheduling gates: [example.com/wait]",
        ),
        ({"a": ["Too many pods"], "b": ["Too many pods"]}, "0/2 nodes are available: 2 Too many pods."),
        (
            {
                "a": ["pod has unbound immediate PersistentVolumeClaims"],
                "b": ["pod has unbound immediate PersistentVolumeClaims"],
            },
            "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
        ),
    ],
)
def test_a_pod_that_fits_nowhere(reasons: dict[str, list[str]], text: str) -> None:
    shown = placements_text([Placement(pod="shop/cart", feasible=[], reasons=reasons, scores={}, total={})])
    assert shown == f"shop/cart\n  {text}\n"
