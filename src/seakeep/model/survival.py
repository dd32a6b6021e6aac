"""What a platform survives: every disruption that was tried, and what it cost each service."""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Course, Need, Refusal, Shortage
from seakeep.model.score import Score


@dataclass(frozen=True, slots=True)
class Disruption:
    """`kind` is drain, loss, zone, pair, upgrade or eviction; `targets` its nodes, its zone, or the evicted pod; `times` how many alike it stands for."""

    kind: str
    targets: tuple[str, ...]
    times: int = 1

    @property
    def text(self) -> str:
        names = " and ".join(self.targets)
        return {
            "drain": f"node {names} drained",
            "loss": f"node {names} lost",
            "pair": f"nodes {names} lost",
            "zone": f"zone {names} lost",
            "upgrade": "nodes upgraded one by one",
            "eviction": f"pod {names} evicted",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`short` are the workloads that fell below their need; `refusals` what stopped it (a drain that a budget blocks). An eviction that a budget refuses is no disruption: `refused`."""

    disruption: Disruption
    short: tuple[Shortage, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    refused: bool = False
    unsettled: bool = False
    seconds: float = 0.0
    timeline: tuple[Course, ...] = ()
    """Of the rolling upgrade alone: the longest of them."""
    unplaced: tuple[tuple[Ref, str], ...] = ()
    """Workloads with pods that no node has a place for in the end, with the scheduler's word."""


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """One node or pod whose loss takes a service below its need: all disruptions of one target that do so."""

    service: str
    criticality: str
    workload: Ref
    needed: int
    intended: int
    disruptions: tuple[Disruption, ...]
    worst: Shortage


@dataclass(frozen=True, slots=True)
class Survival:
    source: str
    score: Score
    needs: tuple[Need, ...]
    points: tuple[SinglePoint, ...]
    outcomes: tuple[Outcome, ...]
    down_before: tuple[str, ...] = ()
    unsettled: tuple[tuple[Ref, int], ...] = ()
    """What had not settled before anything was tried, with how often it changed: it was held still in all that was tried."""
