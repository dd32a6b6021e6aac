"""The shipped snapshot of the reference platform, its declared intent, and the plan that is played on its twin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.resources import as_file, files

from seakeep.adapters.open import open_source
from seakeep.adapters.platform_file import read_intent
from seakeep.model.plan import Plan
from seakeep.model.platform import Intent
from seakeep.model.run import Run
from seakeep.model.snapshot import Snapshot

_DATA = files("seakeep") / "data"


def demo_snapshot() -> Snapshot:
    with as_file(_DATA / "254carbon.skz") as path:
        return open_source(str(path))


def demo_intent() -> Intent:
    with as_file(_DATA / "254carbon.platform.yaml") as path:
        return read_intent(path)


def played(snapshot: Snapshot, intent: Intent, today: date, progress: Callable[[str], None]) -> tuple[Plan, Run]:
    """The plan with the options that a user has who names none, and its run on the twin."""
    plan, run, _, _ = seen_played(snapshot, intent, today, progress)
    return plan, run


def seen_played(
    snapshot: Snapshot, intent: Intent, today: date, progress: Callable[[str], None]
) -> tuple[Plan, Run, Snapshot, Snapshot]:
    """The same, with what the twin shows before and after the run."""
    from seakeep.app.apply import seen_on_twin
    from seakeep.app.plan import plan
    from seakeep.engine.apply import Options as Applying
    from seakeep.engine.plan.choose import Options

    found = plan(snapshot, intent, today, Options(), progress)
    return found, *seen_on_twin(found, snapshot, intent, today, Applying(), progress)
