"""The shipped snapshot of the reference platform, its declared intent, and the plan that is played on its twin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from seakeep.adapters.open import open_source
from seakeep.adapters.platform_file import read_intent
from seakeep.model.platform import Intent
from seakeep.model.report import Report
from seakeep.model.snapshot import Snapshot

if TYPE_CHECKING:
    from seakeep.app.plan import Rehearsed

_DATA = files("seakeep") / "data"


def demo_snapshot() -> Snapshot:
    with as_file(_DATA / "254carbon.skz") as path:
        return open_source(str(path))


def demo_intent() -> Intent:
    with as_file(_DATA / "254carbon.platform.yaml") as path:
        return read_intent(path)


def rehearsed(
    snapshot: Snapshot, intent: Intent, today: date, progress: Callable[[str], None], report: Report | None = None
) -> Rehearsed:
    """The plan with the options that a user has who names none, and its run on the twin."""
    from seakeep.app.plan import rehearsed as planned
    from seakeep.engine.plan.choose import Options

    return planned(snapshot, intent, today, Options(), progress, report)
