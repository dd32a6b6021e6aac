"""How a Deployment replaces its pods (deployment controller, `ResolveFenceposts`): surge is rounded up, unavailable down; and what the others say of it."""

from __future__ import annotations

from seakeep.facts.disruption.disruption import scaled
from seakeep.model.objects import DaemonSet, Deployment, StatefulSet
from seakeep.model.objects.base import IntOrString

_DEFAULT = "25%"


def steps(deployment: Deployment, replicas: int) -> tuple[int, int]:
    """How many pods more, and how many ready pods fewer than wished there may be. Both 0 would never get on: then one may be missing."""
    rolling = deployment.spec.strategy.rolling_update if deployment.spec.strategy else None
    surge = rolling.max_surge if rolling and rolling.max_surge is not None else _DEFAULT
    missing = rolling.max_unavailable if rolling and rolling.max_unavailable is not None else _DEFAULT
    more, fewer = scaled(surge, replicas), _down(missing, replicas)
    return (0, 1) if not more and not fewer else (more, min(fewer, replicas))


def _down(amount: IntOrString, total: int) -> int:
    if isinstance(amount, str) and amount.endswith("%") and amount[:-1].isdecimal():
        return total * int(amount[:-1]) // 100
    return scaled(amount, total)


def at_once(item: DaemonSet | StatefulSet) -> IntOrString | None:
    """How many of its pods a roll-out may take at a time, where that is said."""
    strategy = item.spec.update_strategy
    rolling = strategy.rolling_update if strategy and strategy.type in {"", "RollingUpdate"} else None
    return rolling.max_unavailable if rolling else None
