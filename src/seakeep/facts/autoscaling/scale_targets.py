"""What an autoscaler's target looks like: its replicas, and which containers ask for nothing."""

from __future__ import annotations

from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import KubeObject, Pod, Workload
from seakeep.model.objects.pods import PodSpec
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth


def replicas_of(index: Index, target: Ref) -> int | None:
    """Wanted replicas, None where they were not seen."""
    item = index.snapshot.find(target)
    return item.spec.replicas if isinstance(item, Workload) and index.snapshot.depth(target) > Depth.NAMED else None


def unrequested(index: Index, target: Ref, resource: str) -> tuple[tuple[str, Evidence], ...]:
    """Containers of the target without a request (or a limit, which stands for one) of the resource: of a pod if one was seen, because a LimitRange may have added it, else of the template."""
    for pod in index.pods_by_workload.get(target, ()):
        if not is_finished(pod) and index.snapshot.depth(pod.ref) >= Depth.DESCRIBED and pod.spec.containers:
            return _lacking(pod, pod.spec, "spec", resource)
    item = index.snapshot.find(target)
    if isinstance(item, Workload) and index.snapshot.depth(target) >= Depth.DESCRIBED:
        return _lacking(item, item.spec.template.spec, "spec.template.spec", resource)
    return ()


def _lacking(item: KubeObject | Pod, spec: PodSpec, path: str, resource: str) -> tuple[tuple[str, Evidence], ...]:
    return tuple(
        (
            container.name,
            state_evidence(item, f"{path}.containers[{container.name}].resources.requests.{resource}", "not set"),
        )
        for container in spec.containers
        if resource not in container.resources.requests and resource not in container.resources.limits
    )
