"""What every rehearsal starts from: a settled twin of the snapshot, and what its platform needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from seakeep.adapters.errors import SourceError
from seakeep.app.check import diagnosis_of
from seakeep.catalog.loader import services
from seakeep.engine.blames import blames
from seakeep.engine.needs import needs
from seakeep.engine.platform import infer
from seakeep.engine.rehearse import calm
from seakeep.engine.relied_on import relied_on
from seakeep.engine.traits import recognising
from seakeep.engine.watch import Board, board
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Diagnosis
from seakeep.model.platform import Intent, Platform
from seakeep.model.refs import Ref
from seakeep.model.scenario import BOUND
from seakeep.model.snapshot import Snapshot
from seakeep.twin.build import build
from seakeep.twin.observed import Observed

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Base:
    """A settled twin of a snapshot, and what its platform needs: every rehearsal is a branch of it."""

    snapshot: Snapshot
    platform: Platform
    twin: Observed
    board: Board
    unsettled: tuple[tuple[Ref, int], ...] = ()
    """What had not settled at the bound, with how often it changed: it is held still from there on."""


def prepare(
    snapshot: Snapshot,
    intent: Intent,
    today: date,
    progress: Progress = lambda _: None,
    *,
    applications: bool = True,
    diagnosed: bool = False,
    diagnosis: Diagnosis | None = None,
    known: tuple[Index, Platform] | None = None,
) -> Base:
    """`diagnosed`: faults go when their cause is repaired, wherever it lies; needed where something is changed; `diagnosis` and `known` where they were made already. Without `applications` the twin knows no more of what containers do than Kubernetes does. Raises SourceError for a snapshot that nothing can be played on."""
    if not snapshot.shows_cluster:
        what = "holds manifests and no cluster" if snapshot.intent_only else "shows no nodes with what they hold"
        more = f"; these manifests with seakeep rehearse apply {quote(snapshot.source)}" if snapshot.intent_only else ""
        raise SourceError(
            f"{snapshot.source} {what}, so that nothing can be rehearsed on it",
            f"Rehearse on a dump of a cluster (kubectl get … -A -o json, cluster-info dump, .skz) or on the cluster itself{more}.",
        )
    if known is None:
        progress("Reading the platform")
        index = Index(snapshot, recognising(services()))
        known = index, infer(index, services(), intent, edges(index), today=today)
    index, platform = known
    if diagnosed and diagnosis is None and applications:
        progress("Finding causes")
        diagnosis = diagnosis_of(index, platform)
    found = blames(index, diagnosis) if diagnosis is not None and applications else {}
    progress("Building the twin")
    twin = build(snapshot, needs=relied_on(index), blames=found, applications=applications)
    twin, unsettled = calm(twin, BOUND)
    return Base(snapshot, platform, twin, board(twin, index, needs(snapshot, platform, services())), unsettled)
