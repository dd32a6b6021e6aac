"""Verify: the cluster against what a run's journal says it wrote."""

from __future__ import annotations

from seakeep.adapters.journal import Journal
from seakeep.app.apply import Driver, hiding
from seakeep.engine.apply import Options
from seakeep.engine.apply.ledger import Ledger
from seakeep.engine.apply.verifying import compare, written
from seakeep.model.commands import Observe, Observed, Read
from seakeep.model.verification import Difference, Verification


def verify(journal: Journal, run: str, driver: Driver) -> Verification:
    """Raises JournalError where the run is not there or not as it was written."""
    row = journal.run(run)
    ledger = Ledger.of(item.entry for item in journal.entries(run))
    found: list[Difference] = []
    secret = hiding(Options()).secret
    pairs = written(row.plan.changes, ledger)
    for change, sent in pairs:
        event = driver.carry_out(Read(change.target, change.api_version))
        seen = driver.carry_out(Observe(((change.target, change.api_version),)))
        health = seen.objects[0] if isinstance(seen, Observed) and seen.objects else None
        found += compare(change, sent, event, health, secret)
    return Verification(run, row.plan.id, ledger.state, len({change.target for change, _ in pairs}), tuple(found))
