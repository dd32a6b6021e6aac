"""HorizontalPodAutoscalers decide alike on a real control plane and on the twin.

SEAKEEP_HPA_CASES sets how many sequences are played (a sample of 6 otherwise, side by side: the controller looks every 15 s), SEAKEEP_HPA_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.hpa_cases import case
from tests.conformance.hpa_play import HpaSuite


@pytest.mark.engine("kubernetes")
def test_autoscalers_decide_alike(later_still_plane: Planes) -> None:
    check(later_still_plane, HpaSuite(), "hpa", case, sample=6)
