"""Sequences of operations on Jobs end the same way on a real control plane and on the twin, field by field.

SEAKEEP_JOB_CASES sets how many sequences are played (a sample of 6 otherwise, of the short ones), SEAKEEP_JOB_FIRST the first one's seed.
"""

from __future__ import annotations

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.by_hand import check
from tests.conformance.job_cases import case
from tests.conformance.job_play import JobSuite


@pytest.mark.engine("kubernetes")
def test_jobs_end_the_same_way(still_plane: ControlPlane) -> None:
    check(still_plane, JobSuite(), "jobs", case, sample=6, first=1052)
