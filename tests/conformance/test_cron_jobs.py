"""CronJobs end the same way on a real control plane and on the twin.

SEAKEEP_CRON_CASES sets how many sequences are played (a sample of 3 otherwise, which waits for no minute to pass), SEAKEEP_CRON_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.cron_cases import case
from tests.conformance.cron_play import CronSuite


@pytest.mark.engine("kubernetes")
def test_cron_jobs_end_the_same_way(later_still_plane: Planes) -> None:
    check(later_still_plane, CronSuite(), "cron", case, sample=3)
