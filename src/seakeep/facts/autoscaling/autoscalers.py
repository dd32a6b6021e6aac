"""Autoscalers that cannot see what they scale by: what their conditions, their events or the TARGETS column say (kube-controller-manager, podautoscaler package)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.autoscaling.autoscaled import made_by_keda, target_of
from seakeep.facts.autoscaling.hpa_messages import Blindness, classify
from seakeep.facts.autoscaling.scale_targets import replicas_of, unrequested
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import Condition, Event, HorizontalPodAutoscaler
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# The controller looks every 15 s, metrics-server measures every 15 s and needs two measurements of a new pod.
_STARTING = timedelta(minutes=1)
_SETTLING = timedelta(minutes=2)
# What comes by itself a little later: measurements. A target, a request or an API that is missing is told at once and for good.
_NOT_YET = {Blindness.PODS, Blindness.METRIC, Blindness.UNKNOWN}
# Not blindness: nothing to scale.
_OTHER_REASONS = {"ScalingDisabled"}
_EVENTS = (
    "AmbiguousSelector",
    "FailedGetScale",
    "InvalidSelector",
    "SelectorRequired",
    "FailedGetResourceMetric",
    "FailedGetContainerResourceMetric",
    "FailedGetPodsMetric",
    "FailedGetObjectMetric",
    "FailedGetExternalMetric",
    "FailedComputeMetricsReplicas",
)
_CONDITIONS_V1 = "autoscaling.alpha.kubernetes.io/conditions"


class Blind(Struct, frozen=True):
    """`detail` is what is missing: containers, an API group, a metric or a target. `told` where the controller itself says why; `missing_api` where the API is not registered at all."""

    hpa: HorizontalPodAutoscaler
    target: Ref
    why: Blindness
    detail: str
    evidence: tuple[Evidence, ...]
    told: bool
    missing_api: bool = False


@once
def blind(index: Index) -> tuple[Blind, ...]:
    """One per autoscaler that cannot compute now; not for want of measurements in its first minute, and not where its target is scaled to zero."""
    return tuple(found for hpa in index.snapshot.all(HorizontalPodAutoscaler) if (found := _judge(index, hpa)))


def without_target(index: Index) -> Iterator[tuple[Ref, Blind]]:
    """ScaledObjects of manifests whose target is not there: KEDA makes no autoscaler of these."""
    for ref, hpa in made_by_keda(index) if index.snapshot.intent_only else ():
        named = replace(hpa, metadata=replace(hpa.metadata, name=ref.name))
        if found := _without_target(index, named, target_of(hpa)):
            yield ref, found


def conditions_of(hpa: HorizontalPodAutoscaler) -> tuple[Condition, ...]:
    """autoscaling/v1 keeps them in an annotation."""
    text = hpa.metadata.annotations.get(_CONDITIONS_V1, "")
    if hpa.status.conditions or not text:
        return hpa.status.conditions
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(
        Condition(
            type=str(item.get("type", "")),
            status=str(item.get("status", "")),
            reason=str(item.get("reason", "")),
            message=str(item.get("message", "")),
        )
        for item in (raw if isinstance(raw, list) else ())
        if isinstance(item, dict)
    )


def _judge(index: Index, hpa: HorizontalPodAutoscaler) -> Blind | None:
    created = hpa.metadata.creation_timestamp
    target = target_of(hpa)
    if hpa.metadata.deletion_timestamp or replicas_of(index, target) == 0:
        return None
    found = _look(index, hpa, target)
    young = created is not None and index.now - created < _STARTING
    if found is None or (young and found.why in _NOT_YET):
        return None
    return None if found.why is Blindness.TARGET and _is_new(index, target) else found


def _is_new(index: Index, target: Ref) -> bool:
    """A target that came a moment ago: the controller's next look finds it."""
    item = index.snapshot.find(target)
    created = item.metadata.creation_timestamp if item else None
    return created is not None and index.now - created < _STARTING


def _look(index: Index, hpa: HorizontalPodAutoscaler, target: Ref) -> Blind | None:
    conditions = {item.type: item for item in conditions_of(hpa)}
    able, active = conditions.get("AbleToScale"), conditions.get("ScalingActive")
    if able and able.status == "False" and able.reason == "FailedGetScale":
        return Blind(hpa, target, Blindness.TARGET, target.name, (_said(hpa, able), *_recent(index, hpa)), told=True)
    if active:
        if active.status != "False" or active.reason in _OTHER_REASONS:
            return None
        if index.snapshot.depth(hpa.ref) is Depth.TABLE:
            return _by_row(index, hpa, target, active)
        return _by_message(index, hpa, target, active.message, _said(hpa, active), active)
    return _by_events(index, hpa, target) or _without_target(index, hpa, target) or _by_intent(index, hpa, target)


def _said(hpa: HorizontalPodAutoscaler, item: Condition) -> Evidence:
    text = f"{item.status} {item.reason}: {item.message[:300]}"
    return state_evidence(hpa, f"status.conditions[{item.type}]", text, item.last_transition_time)


def _events(index: Index, hpa: HorizontalPodAutoscaler) -> Iterator[Event]:
    return (event for event in index.events_about(hpa.ref) if event.reason in _EVENTS)


def _recent(index: Index, hpa: HorizontalPodAutoscaler) -> tuple[Evidence, ...]:
    return tuple(event_evidence(index, event) for event in _events(index, hpa))[:2]


def _by_message(
    index: Index, hpa: HorizontalPodAutoscaler, target: Ref, message: str, proof: Evidence, condition: Condition | None
) -> Blind | None:
    why, detail, missing = classify(message)
    evidence = tuple(dict.fromkeys((proof, *_recent(index, hpa))))[:3]
    if why is Blindness.REQUEST:
        containers = unrequested(index, target, detail.partition(" ")[0])
        evidence = (*evidence, *(item for _, item in containers))
        return Blind(hpa, target, why, detail, evidence, told=True)
    since = condition.last_transition_time if condition else None
    if why is Blindness.PODS and since and index.now - since < _SETTLING:
        return None
    told = why is not Blindness.UNKNOWN and not (why is Blindness.METRIC and ";" not in detail)
    return Blind(hpa, target, why, detail, evidence, told, missing)


def _by_row(index: Index, hpa: HorizontalPodAutoscaler, target: Ref, active: Condition) -> Blind:
    """Of a table's row only the missing value is known; the controller's last event says why, or the target does."""
    proof = state_evidence(hpa, "TARGETS", active.message)
    event = next(iter(_events(index, hpa)), None)
    if event and event.reason == "FailedGetScale":
        return Blind(hpa, target, Blindness.TARGET, target.name, (proof, event_evidence(index, event)), told=True)
    if index.snapshot.is_absent(target):
        return Blind(hpa, target, Blindness.TARGET, target.name, (proof,), told=True)
    if event and (found := _by_message(index, hpa, target, event.text, proof, None)):
        return found
    resource = "memory" if active.message.startswith("memory") and "cpu" not in active.message else "cpu"
    lacking = unrequested(index, target, resource) if "%" in active.message else ()
    if lacking:
        detail = f"{resource} in container {lacking[0][0]}"
        return Blind(hpa, target, Blindness.REQUEST, detail, (proof, *(item for _, item in lacking)), told=True)
    pods = [pod for pod in index.pods_by_workload.get(target, ()) if not is_finished(pod)]
    why = Blindness.PODS if pods and not any(is_ready(pod) for pod in pods) else Blindness.UNKNOWN
    return Blind(hpa, target, why, "", (proof,), told=False)


def _by_events(index: Index, hpa: HorizontalPodAutoscaler, target: Ref) -> Blind | None:
    """Where the conditions were not shown; a row with values is healthy whatever old events say."""
    if index.snapshot.depth(hpa.ref) is Depth.TABLE:
        return None
    event = next(iter(_events(index, hpa)), None)
    if event is None or not is_recent(index, event.last_seen):
        return None
    proof = event_evidence(index, event)
    if event.reason == "FailedGetScale":
        return Blind(hpa, target, Blindness.TARGET, target.name, (proof,), told=True)
    return _by_message(index, hpa, target, event.text, proof, None)


def _without_target(index: Index, hpa: HorizontalPodAutoscaler, target: Ref) -> Blind | None:
    """From the specification alone. Of plain manifests the target may be made elsewhere, unless its name is a slip of another's or the autoscaler bears another's name."""
    if index.snapshot.depth(hpa.ref) is not Depth.FULL or not index.snapshot.is_absent(target):
        return None
    names = [item.name for item in index.snapshot.of_kind(target.kind) if item.namespace == target.namespace]
    other_kind = any(item.name == target.name and item.namespace == target.namespace for item in index.workloads)
    alike = hpa.name in names or other_kind or any(is_slip(target.name, name) for name in names)
    if index.snapshot.intent_only and not alike:
        return None
    proof = state_evidence(hpa, "spec.scaleTargetRef", f"{target.kind} {target.name}")
    return Blind(hpa, target, Blindness.TARGET, target.name, (proof,), told=False)


def _by_intent(index: Index, hpa: HorizontalPodAutoscaler, target: Ref) -> Blind | None:
    """From manifests alone: a share of a request that no container makes."""
    if not index.snapshot.intent_only:
        return None
    for metric in hpa.spec.metrics:
        resource = metric.get("resource") or {}
        name, aim = str(resource.get("name", "")), resource.get("target") or {}
        lacking = unrequested(index, target, name) if aim.get("type") == "Utilization" else ()
        if lacking and len(hpa.spec.metrics) == 1:
            proof = state_evidence(hpa, "spec.metrics", f"{name}: {aim.get('averageUtilization')} % of the request")
            evidence = (proof, *(item for _, item in lacking))
            return Blind(hpa, target, Blindness.REQUEST, f"{name} in container {lacking[0][0]}", evidence, told=False)
    return None
