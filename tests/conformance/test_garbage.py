"""Objects that own each other are collected alike by a real control plane and by the twin.

SEAKEEP_GARBAGE_CASES sets how many sequences are played (a sample of 8 otherwise), SEAKEEP_GARBAGE_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.by_hand import check
from tests.conformance.garbage_cases import case
from tests.conformance.garbage_play import GarbageSuite


@pytest.mark.engine("kubernetes")
def test_garbage_is_collected_alike(still_plane: ControlPlane) -> None:
    check(still_plane, GarbageSuite(), "garbage", case, sample=8)
