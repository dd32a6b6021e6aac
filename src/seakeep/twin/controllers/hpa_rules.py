"""How fast an autoscaler may go: stabilisation windows and policies. Source: pkg/controller/podautoscaler/horizontal.go; defaults of pkg/apis/autoscaling/v2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

# --horizontal-pod-autoscaler-downscale-stabilization.
DOWN_WINDOW = 300


@dataclass(frozen=True, slots=True)
class Past:
    """What happened so many seconds ago: recommendations, and replicas added or taken away."""

    recommended: tuple[tuple[float, int], ...] = ()
    added: tuple[tuple[float, int], ...] = ()
    taken: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    window: int
    policies: tuple[tuple[str, int, int], ...]
    select: str = "Max"
    tolerance: Any = None


def rules(behavior: dict[str, Any], direction: str) -> Rules:
    """`scaleUp` or `scaleDown`, with what the API server fills in."""
    up = direction == "scaleUp"
    said = behavior.get(direction) or {}
    usual = (("Pods", 4, 15), ("Percent", 100, 15)) if up else (("Percent", 100, 15),)
    policies = tuple(
        (str(each.get("type", "")), int(each.get("value", 0)), int(each.get("periodSeconds", 0)))
        for each in said.get("policies") or ()
    )
    window = said.get("stabilizationWindowSeconds")
    return Rules(
        (0 if up else DOWN_WINDOW) if window is None else int(window),
        policies or usual,
        str(said.get("selectPolicy") or "Max"),
        said.get("tolerance"),
    )


def stabilized(current: int, wanted: int, past: Past, up: Rules, down: Rules) -> tuple[int, str, str]:
    lowest = min([wanted, *(n for age, n in past.recommended if age < up.window)])
    highest = max([wanted, *(n for age, n in past.recommended if age < down.window)])
    found = min(max(current, lowest), highest)
    if wanted >= current:
        text = "recent recommendations were lower than current one, applying the lowest recent recommendation"
        return found, "ScaleUpStabilized", text
    text = "recent recommendations were higher than current one, applying the highest recent recommendation"
    return found, "ScaleDownStabilized", text


def limited(current: int, wanted: int, least: int, most: int, past: Past, up: Rules, down: Rules) -> tuple[int, str, str]:  # fmt: skip
    """(replicas, reason, message) within the behaviour's policies."""
    if wanted > current:
        limit = max(_up_limit(current, past, up), current)
        if limit < most:
            allowed, reason = limit, "ScaleUpLimit"
            text = "the desired replica count is increasing faster than the maximum scale rate"
        else:
            allowed, reason = most, "TooManyReplicas"
            text = "the desired replica count is more than the maximum replica count"
        if wanted > allowed:
            return allowed, reason, text
    elif wanted < current:
        limit = min(_down_limit(current, past, down), current)
        if limit > least:
            allowed, reason = limit, "ScaleDownLimit"
            text = "the desired replica count is decreasing faster than the maximum scale rate"
        else:
            allowed, reason = least, "TooFewReplicas"
            text = "the desired replica count is less than the minimum replica count"
        if wanted < allowed:
            return allowed, reason, text
    return wanted, "DesiredWithinRange", "the desired count is within the acceptable range"


def plainly_limited(current: int, wanted: int, least: int, most: int) -> tuple[int, str, str]:
    """Without a behaviour: at most doubled, or four."""
    limit = max(2 * current, 4)
    if wanted < least:
        return least, "TooFewReplicas", "the desired replica count is less than the minimum replica count"
    if wanted > min(limit, most):
        if most > limit:
            text = "the desired replica count is increasing faster than the maximum scale rate"
            return limit, "ScaleUpLimit", text
        return most, "TooManyReplicas", "the desired replica count is more than the maximum replica count"
    return wanted, "DesiredWithinRange", "the desired count is within the acceptable range"


def _started(current: int, past: Past, period: int) -> int:
    return current - _sum(past.added, period) + _sum(past.taken, period)


def _sum(events: Sequence[tuple[float, int]], period: int) -> int:
    return sum(count for age, count in events if age < period)


def _up_limit(current: int, past: Past, up: Rules) -> int:
    if up.select == "Disabled":
        return current
    found = [
        start + value if kind == "Pods" else ceil(start * (1 + value / 100))
        for kind, value, period in up.policies
        for start in (_started(current, past, period),)
    ]
    return min(found) if up.select == "Min" else max(found)


def _down_limit(current: int, past: Past, down: Rules) -> int:
    if down.select == "Disabled":
        return current
    found = [
        start - value if kind == "Pods" else int(start * (1 - value / 100))
        for kind, value, period in down.policies
        for start in (_started(current, past, period),)
    ]
    return max(found) if down.select == "Min" else min(found)
