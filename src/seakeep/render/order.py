"""The order in which every output form lists services, and what they fall short of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from seakeep.model.platform import ServiceState
from seakeep.model.score import Score, Scores

if TYPE_CHECKING:
    from seakeep.model.rehearsal import Shortage

_STATES = ("down", "stopped", "degraded", "unknown", "waived", "up")
CRITICALITIES = ("critical", "high", "normal", "low")


def shown_scores(scores: Scores) -> tuple[Score, ...]:
    """Survival only where it was rehearsed."""
    return (scores.health, scores.running, scores.hardening, *((scores.survival,) if scores.survival else ()))


def worst_first(services: Iterable[ServiceState]) -> list[ServiceState]:
    """By state, then criticality, then name."""
    return sorted(
        services,
        key=lambda item: (_STATES.index(item.state), CRITICALITIES.index(item.criticality), item.namespace, item.name),
    )


def worst_shortages(items: Iterable[Shortage], criticality: Mapping[str, str]) -> list[Shortage]:
    """By criticality of the service, then those that last, then the longest, then by workload."""
    return sorted(
        items,
        key=lambda item: (
            CRITICALITIES.index(criticality.get(item.service, "low")),
            item.recovered,
            -item.seconds,
            item.workload,
        ),
    )
