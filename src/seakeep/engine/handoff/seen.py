"""One side of a hand-off."""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.model.platform import ServiceState
from seakeep.model.report import Report


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot with what was judged of it."""

    report: Report
    index: Index


def is_gone(item: ServiceState, after: Seen) -> bool:
    """Whether all of it is known not to exist: what was not looked at may still be there."""
    snapshot = after.index.snapshot
    return bool(item.workloads) and not snapshot.intent_only and all(map(snapshot.is_absent, item.workloads))
