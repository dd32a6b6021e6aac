"""Write a platform.yaml from what was found."""

from __future__ import annotations

from datetime import date

from seakeep.adapters.platform_file import write_intent
from seakeep.catalog.loader import services
from seakeep.engine.platform import infer
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot


def init(snapshot: Snapshot, today: date) -> str:
    """The file's text; reading it back gives the services that were found."""
    index = Index(snapshot)
    return write_intent(infer(index, services(), Intent(), edges(index), today=today), snapshot.source)
