"""What befalls nodes has the same consequences on a real control plane and on the twin.

SEAKEEP_NODE_CASES sets how many sequences are played (a sample of 4 otherwise, of the short ones), SEAKEEP_NODE_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.node_cases import case
from tests.conformance.node_play import NodeSuite


@pytest.mark.engine("kubernetes")
def test_nodes_end_the_same_way(later_still_plane: Planes) -> None:
    check(later_still_plane, NodeSuite(), "nodes", case, sample=4, first=1411)
