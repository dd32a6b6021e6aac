"""The order in which every output form lists services."""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.model.platform import ServiceState

_STATES = ("down", "stopped", "degraded", "unknown", "waived", "up")
_CRITICALITIES = ("critical", "high", "normal", "low")


def worst_first(services: Iterable[ServiceState]) -> list[ServiceState]:
    """By state, then criticality, then name."""
    return sorted(
        services,
        key=lambda item: (_STATES.index(item.state), _CRITICALITIES.index(item.criticality), item.namespace, item.name),
    )
