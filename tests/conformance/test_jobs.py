"""Sequences of operations on Jobs end the same way on a real control plane and on the twin, field by field.

SEAKEEP_JOB_CASES sets how many sequences are played (a sample of 6 otherwise, of the short ones), SEAKEEP_JOB_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from tests.conformance.by_hand import Planes, check
from tests.conformance.job_cases import case
from tests.conformance.job_play import JobSuite


@pytest.mark.engine("kubernetes")
def test_jobs_end_the_same_way(later_still_plane: Planes) -> None:
    check(later_still_plane, JobSuite(), "jobs", case, sample=6, first=1052)
