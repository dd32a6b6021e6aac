"""What is said where no cause is found."""

from __future__ import annotations

from seakeep.model.cause import Diagnosis
from seakeep.model.report import SnapshotSummary


def nothing_found(diagnosis: Diagnosis, summary: SnapshotSummary) -> str:
    """An object that nobody showed is not well for that."""
    if diagnosis.unexplained:
        return "No root cause found."
    if not summary.objects:
        return "No root cause found, and no object is shown whose state would tell whether it is well."
    return "No root cause found, and nothing is visibly unwell."
