"""Autoscalers that want more replicas than they may make (kube-controller-manager, podautoscaler package: `normalizeDesiredReplicas`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct

from seakeep.facts.autoscaling.autoscaled import target_of
from seakeep.facts.autoscaling.autoscalers import conditions_of
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import controller_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Condition, HorizontalPodAutoscaler
from seakeep.model.quantity import QuantityError, milli
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# A new version's first minutes are busier than all that follow; the controller itself holds on to what it wanted for five.
_START = timedelta(minutes=2)
_LASTING = timedelta(minutes=5)
# Default of --horizontal-pod-autoscaler-tolerance.
_TOLERANCE = 1.1


class AtMaximum(Struct, frozen=True):
    """`holder` is what a person changes: the ScaledObject, where KEDA made the autoscaler. `lasting` where it has wanted more for long, or is seen to want it."""

    hpa: HorizontalPodAutoscaler
    holder: Ref
    target: Ref
    evidence: tuple[Evidence, ...]
    lasting: bool


def at_maximum(index: Index) -> Iterator[AtMaximum]:
    """Not where what was measured is below the target again."""
    for hpa in index.snapshot.all(HorizontalPodAutoscaler):
        highest, limited = hpa.spec.max_replicas, _limited(hpa)
        if limited is None or hpa.metadata.deletion_timestamp or not 0 < highest <= hpa.status.current_replicas:
            continue
        since, above = limited.last_transition_time, _is_above(hpa)
        if above is False or (since and index.now - since < _START):
            continue
        lasting = above is True or (since is not None and index.now - since >= _LASTING)
        yield AtMaximum(hpa, controller_of(hpa) or hpa.ref, target_of(hpa), _evidence(index, hpa, limited), lasting)


def _limited(hpa: HorizontalPodAutoscaler) -> Condition | None:
    return next(
        (
            item
            for item in conditions_of(hpa)
            if item.type == "ScalingLimited" and item.status == "True" and item.reason == "TooManyReplicas"
        ),
        None,
    )


def _is_above(hpa: HorizontalPodAutoscaler) -> bool | None:
    """Whether a measurement is beyond its target; None where none was shown."""
    ratios = [ratio for metric in hpa.spec.metrics for part in metric.values() if (ratio := _ratio(part)) is not None]
    return any(ratio > _TOLERANCE for ratio in ratios) if ratios else None


def _ratio(part: object) -> float | None:
    """A description's metric has both, in the same terms."""
    found: Mapping[str, Any] = part if isinstance(part, Mapping) else {}
    current, target = found.get("current"), found.get("target")
    if not isinstance(current, Mapping) or not isinstance(target, Mapping):
        return None
    try:
        pairs = [(milli(value), milli(target[key])) for key, value in current.items() if key in target]
    except (QuantityError, TypeError):
        return None
    return next((now / aim for now, aim in pairs if aim), None)


def _evidence(index: Index, hpa: HorizontalPodAutoscaler, limited: Condition) -> tuple[Evidence, ...]:
    replicas = state_evidence(
        hpa, "status.currentReplicas", f"{hpa.status.current_replicas} of {hpa.spec.max_replicas}"
    )
    if index.snapshot.depth(hpa.ref) is Depth.TABLE:
        return state_evidence(hpa, "TARGETS", limited.message), replicas
    text = f"True {limited.reason}: {limited.message[:300]}"
    return state_evidence(hpa, "status.conditions[ScalingLimited]", text, limited.last_transition_time), replicas
