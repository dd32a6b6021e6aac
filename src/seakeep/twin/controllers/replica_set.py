"""ReplicaSets: as many pods as `spec.replicas` says. Source: pkg/controller/replicaset."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec.structs import replace

from seakeep.facts.podstate import condition
from seakeep.model.objects import Condition, KubeObject, Metadata, OwnerReference, Pod, ReplicaSet
from seakeep.model.objects.pods import PodStatus, PodTemplate
from seakeep.model.objects.workloads import WorkloadStatus
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.state import State, controller_of

_NEVER = datetime.min.replace(tzinfo=UTC)


class ReplicaSets:
    name = "replicaset"

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, ReplicaSet):
            yield item.ref
        elif isinstance(item, Pod):
            owner = controller_of(item)
            if owner is not None and owner.kind == "ReplicaSet":
                yield owner

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        owner = view.state.get(ReplicaSet, ref.namespace, ref.name)
        if owner is None:
            return
        pods = [pod for pod in view.state.pods_of(ref) if is_active(pod)]
        wanted = 1 if owner.spec.replicas is None else owner.spec.replicas
        if owner.metadata.deletion_timestamp is None:
            missing = wanted - len(pods)
            for _ in range(max(missing, 0)):
                yield Create(
                    pod_from(owner, owner.spec.template, f"{owner.name}-{view.suffix()}"),
                    f"replicaset: {len(pods)} of {wanted} pods",
                )
            if missing < 0:
                for pod in sorted(pods, key=lambda pod: deletion_rank(view.state, pod))[:-missing]:
                    yield Delete(pod.ref, f"replicaset: {len(pods)} pods, {wanted} wanted")
        status, wait = self._status(view, owner, pods)
        yield Update(replace(owner, status=status), "replicaset: status")
        if wait:
            yield Wait(ref, wait)

    def _status(self, view: View, owner: ReplicaSet, pods: list[Pod]) -> tuple[WorkloadStatus, float]:
        ready = [pod for pod in pods if condition(pod, "Ready") == "True"]
        ages = [ready_for(view, pod) for pod in ready]
        available = sum(age >= owner.spec.min_ready_seconds for age in ages)
        pending = [owner.spec.min_ready_seconds - age for age in ages if age < owner.spec.min_ready_seconds]
        failure = view.refused.get(owner.ref)
        conditions = tuple(item for item in owner.status.conditions if item.type != "ReplicaFailure")
        if failure:
            conditions = (
                *conditions,
                Condition(type="ReplicaFailure", status="True", reason="FailedCreate", message=failure),
            )
        status = replace(
            owner.status,
            replicas=len(pods),
            ready_replicas=len(ready),
            available_replicas=available,
            observed_generation=owner.metadata.generation,
            conditions=conditions,
        )
        return status, min(pending, default=0.0)


def is_active(pod: Pod) -> bool:
    """Neither ended nor ending (`controller.IsPodActive`)."""
    return pod.status.phase not in {"Succeeded", "Failed"} and pod.metadata.deletion_timestamp is None


def ready_for(view: View, pod: Pod) -> float:
    """Seconds since the pod became Ready; a time that was not shown is long ago."""
    since = next((item.last_transition_time for item in pod.status.conditions if item.type == "Ready"), None)
    return (view.now - since).total_seconds() if since else float("inf")


def deletion_rank(state: State, pod: Pod) -> tuple[object, ...]:
    """Who goes first when there are too many (`controller.ActivePods`): unassigned, then pending, not ready, low deletion cost, many siblings on its node, ready for a shorter time, younger."""
    owner = controller_of(pod)
    siblings = sum(controller_of(other) == owner for other in state.pods_on(pod.spec.node_name)) if owner else 0
    since = next((item.last_transition_time for item in pod.status.conditions if item.type == "Ready"), None) or _NEVER
    made = pod.metadata.creation_timestamp or _NEVER
    cost = pod.metadata.annotations.get("controller.kubernetes.io/pod-deletion-cost", "0")
    return (
        bool(pod.spec.node_name),
        {"Pending": 0, "Unknown": 1, "Running": 2}.get(pod.status.phase or "Pending", 0),
        condition(pod, "Ready") == "True",
        int(cost) if cost.lstrip("-").isdigit() else 0,
        -siblings,
        -since.timestamp() if since != _NEVER else float("inf"),
        -made.timestamp() if made != _NEVER else float("inf"),
        pod.name,
    )


def pod_from(owner: KubeObject, template: PodTemplate, name: str) -> Pod:
    """A pod that a controller makes from its template."""
    reference = OwnerReference(
        api_version=owner.api_version, kind=owner.kind, name=owner.name, uid=owner.metadata.uid, controller=True
    )
    metadata = Metadata(
        name=name,
        namespace=owner.namespace,
        labels=template.metadata.labels,
        annotations=template.metadata.annotations,
        owner_references=(reference,),
    )
    return Pod(api_version="v1", metadata=metadata, spec=template.spec, status=PodStatus(phase="Pending"))
