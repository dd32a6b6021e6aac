"""What scales a workload: HorizontalPodAutoscalers, and VerticalPodAutoscalers that write requests by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import HorizontalPodAutoscaler, Unstructured
from seakeep.model.refs import Ref


def target_of(hpa: HorizontalPodAutoscaler) -> Ref:
    target = hpa.spec.scale_target_ref
    return Ref(target.kind, hpa.namespace, target.name)


def floor(hpa: HorizontalPodAutoscaler) -> int:
    """The API server makes 1 of what is left out."""
    return hpa.spec.min_replicas if hpa.spec.min_replicas is not None else 1


@once
def autoscalers_of(index: Index) -> Mapping[Ref, tuple[HorizontalPodAutoscaler, ...]]:
    """By what they scale; those too that KEDA makes of ScaledObjects, which are in no manifest."""
    found: dict[Ref, tuple[HorizontalPodAutoscaler, ...]] = {}
    for hpa in index.snapshot.all(HorizontalPodAutoscaler):
        target = target_of(hpa)
        found[target] = (*found.get(target, ()), hpa)
    for _, hpa in made_by_keda(index):
        found.setdefault(target_of(hpa), (hpa,))
    return found


def made_by_keda(index: Index) -> Iterator[tuple[Ref, HorizontalPodAutoscaler]]:
    """Each ScaledObject and what KEDA makes of it, with its defaults (https://keda.sh/docs/latest/reference/scaledobject-spec). It scales to zero by itself: an autoscaler has one at least."""
    for item in index.snapshot.of_kind("ScaledObject"):
        spec: Any = item.spec if isinstance(item, Unstructured) else None
        target = _mapping(spec, "scaleTargetRef") if isinstance(spec, Mapping) else {}
        if target.get("name"):
            lowest, highest = spec.get("minReplicaCount"), spec.get("maxReplicaCount")
            bounds = {"minReplicas": max(int(lowest or 0), 1), "maxReplicas": int(highest or 100)}
            named = {"kind": str(target.get("kind") or "Deployment"), "name": str(target["name"])}
            body = {
                "metadata": {"namespace": item.namespace, "name": f"keda-hpa-{item.name}"},
                "spec": {"scaleTargetRef": named, **bounds},
            }
            yield item.ref, msgspec.convert(body, HorizontalPodAutoscaler)


def resources_scaled(hpa: HorizontalPodAutoscaler) -> frozenset[str]:
    """The resources that it scales by: cpu, memory."""
    parts = (metric.get("resource") or metric.get("containerResource") or {} for metric in hpa.spec.metrics)
    return frozenset(str(part.get("name")) for part in parts if part.get("name"))


@once
def vertical(index: Index) -> Mapping[Ref, tuple[Unstructured, frozenset[str]]]:
    """By target: the VerticalPodAutoscaler that rewrites its requests, and of which resources (https://github.com/kubernetes/autoscaler, vertical-pod-autoscaler/docs/api.md)."""
    found: dict[Ref, tuple[Unstructured, frozenset[str]]] = {}
    for item in index.snapshot.of_kind("VerticalPodAutoscaler"):
        spec: Any = item.spec if isinstance(item, Unstructured) else None
        if not isinstance(item, Unstructured) or not isinstance(spec, Mapping):
            continue
        target, mode = _mapping(spec, "targetRef"), _mapping(spec, "updatePolicy").get("updateMode", "Auto")
        written = _controlled(_mapping(spec, "resourcePolicy").get("containerPolicies"))
        if target.get("name") and mode != "Off" and written:
            found[Ref(str(target.get("kind", "")), item.namespace, str(target["name"]))] = (item, written)
    return found


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _controlled(policies: object) -> frozenset[str]:
    """What any container's policy leaves to it; both resources where there is none."""
    chosen = [item for item in policies if isinstance(item, Mapping)] if isinstance(policies, list | tuple) else []
    both = ("cpu", "memory")
    found = {
        str(name)
        for item in chosen
        if item.get("mode") != "Off"
        for name in (both if item.get("controlledResources") is None else item["controlledResources"])
    }
    return frozenset(found if chosen else both)
