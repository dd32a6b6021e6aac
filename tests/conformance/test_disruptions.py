"""Evictions are answered the same way on a real control plane and on the twin, and leave the same budgets, pods and workloads.

SEAKEEP_DISRUPTION_CASES sets how many sequences are played (a sample otherwise), SEAKEEP_DISRUPTION_FIRST the first seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.disruption_cases import case
from tests.conformance.disruption_play import DisruptionSuite

pytestmark = pytest.mark.engine("kubernetes")


def test_evictions_are_answered_the_same_way(later_still_plane: Planes) -> None:
    check(later_still_plane, DisruptionSuite(), "disruptions", case, sample=24)
