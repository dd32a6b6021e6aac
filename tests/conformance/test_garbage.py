"""Objects that own each other are collected alike by a real control plane and by the twin.

SEAKEEP_GARBAGE_CASES sets how many sequences are played (a sample of 8 otherwise), SEAKEEP_GARBAGE_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.garbage_cases import case
from tests.conformance.garbage_play import GarbageSuite


@pytest.mark.engine("kubernetes")
def test_garbage_is_collected_alike(later_still_plane: Planes) -> None:
    check(later_still_plane, GarbageSuite(), "garbage", case, sample=8)
