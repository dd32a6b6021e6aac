"""What the API server itself writes when an object is stored: generations, and a DaemonSet's template generation. Source: `PrepareForCreate` and `PrepareForUpdate` of pkg/registry."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    KubeObject,
    PodDisruptionBudget,
    Workload,
)

_NUMBERED = (Workload, Job, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget)
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def first(item: KubeObject) -> KubeObject:
    """A new object: generation 1."""
    if not isinstance(item, _NUMBERED):
        return item
    metadata = replace(item.metadata, generation=1)
    if isinstance(item, DaemonSet):
        metadata = replace(metadata, annotations={TEMPLATE_GENERATION: "1", **item.metadata.annotations})
    return replace(item, metadata=metadata)


def following(item: KubeObject, old: KubeObject, *, by_user: bool) -> KubeObject:
    """One more where the specification changed; a Deployment's annotations count too, unless a status update carried them."""
    if not isinstance(item, _NUMBERED) or not isinstance(old, _NUMBERED):
        return item
    metadata = item.metadata
    changed = item.spec is not old.spec and item.spec != old.spec
    if isinstance(item, Deployment) and by_user:
        changed = changed or metadata.annotations != old.metadata.annotations
    if changed:
        metadata = replace(metadata, generation=old.metadata.generation + 1)
    if (
        isinstance(item, DaemonSet)
        and isinstance(old, DaemonSet)
        and changed
        and item.spec.template != old.spec.template
    ):
        known = old.metadata.annotations.get(TEMPLATE_GENERATION, "")
        if known.isdecimal():
            annotations = {**metadata.annotations, TEMPLATE_GENERATION: str(int(known) + 1)}
            metadata = replace(metadata, annotations=annotations)
    return item if metadata is item.metadata else replace(item, metadata=metadata)
