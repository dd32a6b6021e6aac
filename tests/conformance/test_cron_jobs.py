"""CronJobs end the same way on a real control plane and on the twin.

SEAKEEP_CRON_CASES sets how many sequences are played (a sample of 3 otherwise, which waits for no minute to pass), SEAKEEP_CRON_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.by_hand import check
from tests.conformance.cron_cases import case
from tests.conformance.cron_play import CronSuite


@pytest.mark.engine("kubernetes")
def test_cron_jobs_end_the_same_way(still_plane: ControlPlane) -> None:
    check(still_plane, CronSuite(), "cron", case, sample=3)
