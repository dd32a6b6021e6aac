"""Surge and unavailable pods, as `ResolveFenceposts` has them (kubernetes/pkg/controller/deployment/util, TestResolveFenceposts)."""

from __future__ import annotations

import pytest

from seakeep.facts.workloads.rollout_steps import steps
from seakeep.model.objects import Deployment
from seakeep.model.objects.base import IntOrString
from seakeep.model.objects.workloads import RollingUpdate, Strategy, WorkloadSpec


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "found"),
    [
        (None, None, 1, (1, 0)),
        (None, None, 4, (1, 1)),
        (None, None, 3, (1, 0)),
        ("0%", "0%", 10, (0, 1)),
        (0, 0, 10, (0, 1)),
        ("39%", "39%", 10, (4, 3)),
        (0, "20%", 4, (0, 1)),  # neither: one may be missing
        (1, "100%", 3, (1, 3)),
        (0, 5, 3, (0, 3)),
    ],
)
def test_steps(
    surge: IntOrString | None, unavailable: IntOrString | None, replicas: int, found: tuple[int, int]
) -> None:
    rolling = RollingUpdate(max_surge=surge, max_unavailable=unavailable)
    item = Deployment(spec=WorkloadSpec(strategy=Strategy(rolling_update=rolling)))
    assert steps(item, replicas) == found
