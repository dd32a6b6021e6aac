"""Sequences of operations on Services and their pods give the same EndpointSlices on a real control plane and on the twin.

SEAKEEP_ENDPOINT_CASES sets how many sequences are played (a sample of 10 otherwise), SEAKEEP_ENDPOINT_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.endpoint_cases import case
from tests.conformance.endpoint_play import EndpointSuite


@pytest.mark.engine("kubernetes")
def test_endpoints_end_the_same_way(later_still_plane: Planes) -> None:
    check(later_still_plane, EndpointSuite(), "endpoints", case, sample=10, first=228)
