"""The pod templates that hardening rules judge: one per workload, with its wished number of replicas."""

from __future__ import annotations

from msgspec import Struct

from seakeep.facts.addresses import templates
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import CronJob, Job, KubeObject, PodSpec, Workload
from seakeep.model.snapshot import Depth


class Judged(Struct, frozen=True):
    """`replicas` is None where a controller decides (DaemonSet) or the source does not show it; `lasting` is False for Jobs. `full` tells whether the whole spec was shown."""

    item: KubeObject
    spec: PodSpec
    labels: dict[str, str]
    replicas: int | None
    lasting: bool
    full: bool


@once
def judged_templates(index: Index) -> tuple[Judged, ...]:
    """Templates whose containers were seen. Mirror pods of static manifests are left out: nobody edits them through the API."""
    found = []
    for item, spec in templates(index):
        if "kubernetes.io/config.mirror" in item.metadata.annotations:
            continue
        is_workload = isinstance(item, Workload)
        labels = item.spec.template.metadata.labels if isinstance(item, Workload) else item.labels
        replicas = None
        if isinstance(item, Workload) and item.kind != "DaemonSet":
            replicas = item.spec.replicas if item.spec.replicas is not None else 1
        full = index.snapshot.depth(item.ref) is Depth.FULL
        found.append(Judged(item, spec, labels, replicas, is_workload or not isinstance(item, Job | CronJob), full))
    return tuple(found)
