"""`kubectl drain` says and does the same on a real control plane and on the twin.

SEAKEEP_DRAIN_CASES sets how many sequences are played (a sample otherwise), SEAKEEP_DRAIN_FIRST the first seed.
"""

from __future__ import annotations

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.by_hand import check
from tests.conformance.drain_cases import case
from tests.conformance.drain_play import DrainSuite

pytestmark = pytest.mark.engine("kubernetes")


def test_drains_go_the_same_way(control_plane: ControlPlane) -> None:
    check(control_plane, DrainSuite(), "drains", case, sample=16)
