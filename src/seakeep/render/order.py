"""The order in which every output form lists services."""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.model.platform import ServiceState
from seakeep.model.score import Score, Scores

_STATES = ("down", "stopped", "degraded", "unknown", "waived", "up")
_CRITICALITIES = ("critical", "high", "normal", "low")


def shown_scores(scores: Scores) -> tuple[Score, ...]:
    """Survival only where it was rehearsed."""
    return (scores.health, scores.running, scores.hardening, *((scores.survival,) if scores.survival else ()))


def worst_first(services: Iterable[ServiceState]) -> list[ServiceState]:
    """By state, then criticality, then name."""
    return sorted(
        services,
        key=lambda item: (_STATES.index(item.state), _CRITICALITIES.index(item.criticality), item.namespace, item.name),
    )
