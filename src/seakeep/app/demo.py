"""The shipped snapshot of the reference platform, and its declared intent."""

from __future__ import annotations

from importlib.resources import as_file, files

from seakeep.adapters.open import open_source
from seakeep.adapters.platform_file import read_intent
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot

_DATA = files("seakeep") / "data"


def demo_snapshot() -> Snapshot:
    with as_file(_DATA / "254carbon.skz") as path:
        return open_source(str(path))


def demo_intent() -> Intent:
    with as_file(_DATA / "254carbon.platform.yaml") as path:
        return read_intent(path)
