"""`kubectl drain` says and does the same on a real control plane and on the twin.

SEAKEEP_DRAIN_CASES sets how many sequences are played (a sample otherwise), SEAKEEP_DRAIN_FIRST the first seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.drain_cases import case
from tests.conformance.drain_play import DrainSuite

pytestmark = pytest.mark.engine("kubernetes")


def test_drains_go_the_same_way(later_control_plane: Planes) -> None:
    check(later_control_plane, DrainSuite(), "drains", case, sample=16)
