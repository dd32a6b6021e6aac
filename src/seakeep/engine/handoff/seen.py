"""One side of a hand-off."""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.model.report import Report


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot with what was judged of it."""

    report: Report
    index: Index
