"""kube-score, built from its source into Seakeep's cache."""

from __future__ import annotations

from pathlib import Path

from seakeep.testing import linters

VERSION = linters.KUBE_SCORE


def binary() -> Path | None:
    """None where it is not there and cannot be built."""
    return linters.kube_score(build=True)
