"""What the controllers of pods share: who owns which pod, which are available, in which order they go. Source: pkg/controller/controller_utils.go, controller_ref_manager.go, pkg/api/v1/pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import log2

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_ended
from seakeep.model.objects import KubeObject, LabelSelector, Metadata, OwnerReference, Pod
from seakeep.model.objects.pods import PodStatus, PodTemplate
from seakeep.model.refs import Ref
from seakeep.twin.actions import Update
from seakeep.twin.controller import View
from seakeep.twin.labels import Selector, compile_selector
from seakeep.twin.memo import by_identity
from seakeep.twin.state import State, controller_of


def is_terminating(pod: Pod) -> bool:
    return pod.metadata.deletion_timestamp is not None


def is_active(pod: Pod) -> bool:
    """Neither ended nor ending (`controller.IsPodActive`)."""
    return pod.metadata.deletion_timestamp is None and not is_ended(pod)


def is_pod_ready(pod: Pod) -> bool:
    """`IsPodReady`: also of a pod that is ending."""
    return condition(pod, "Ready") == "True"


def ready_for(now: datetime, pod: Pod) -> float:
    """Seconds since the pod became Ready; a time that was not shown is long ago."""
    since = next((item.last_transition_time for item in pod.status.conditions if item.type == "Ready"), None)
    return (now - since).total_seconds() if since else float("inf")


def is_available(now: datetime, pod: Pod, min_ready: int) -> bool:
    """`IsPodAvailable`."""
    return is_pod_ready(pod) and (not min_ready or ready_for(now, pod) >= min_ready)


def until_available(now: datetime, pods: Iterable[Pod], min_ready: int) -> float:
    """Seconds until the next ready pod becomes available, 0 where none is to."""
    ages = (ready_for(now, pod) for pod in pods if is_pod_ready(pod))
    return min((min_ready - age for age in ages if age < min_ready), default=0.0)


def reference(owner: KubeObject) -> OwnerReference:
    metadata = owner.metadata
    return OwnerReference(
        api_version=owner.api_version,
        kind=owner.kind,
        name=metadata.name,
        uid=metadata.uid,
        controller=True,
        block_owner_deletion=True,
    )


@by_identity
def _references(owner: KubeObject) -> tuple[OwnerReference, ...]:
    """Shared by the pods that an owner makes."""
    return (reference(owner),)


def pod_from(owner: KubeObject, template: PodTemplate, name: str, generate: str = "") -> Pod:
    """A pod that a controller makes from its template (`GetPodFromTemplate`)."""
    metadata = Metadata(
        name=name,
        namespace=owner.namespace,
        generate_name=generate,
        labels=template.metadata.labels,
        annotations=template.metadata.annotations,
        owner_references=_references(owner),
    )
    return Pod(api_version="v1", metadata=metadata, spec=template.spec, status=PodStatus(phase="Pending"))


def owned_by(owner: KubeObject, item: KubeObject) -> bool:
    """`IsControlledBy`: by uid where both are known."""
    metadata = owner.metadata
    for each in item.metadata.owner_references:
        if each.controller and each.name == metadata.name and each.kind == owner.kind:
            return each.uid == metadata.uid or not each.uid or not metadata.uid
    return False


def claimed(view: View, owner: KubeObject, selector: Selector, *, keep: Iterable[Pod] | None = None) -> list[Pod]:
    """The owner's pods whose labels still match."""
    pods = view.state.pods_of(owner.ref) if keep is None else keep
    matches = selector.matches
    return [pod for pod in pods if owned_by(owner, pod) and matches(pod.metadata.labels)]


def looked_over(view: View, ref: Ref, owner: KubeObject, selector: Selector) -> tuple[list[Pod], bool]:
    """`claimed`, and whether there is an orphan to adopt or a pod to release: hardly ever."""
    found: list[Pod] = []
    others = view.state.has_orphans(Pod, owner.metadata.namespace)
    labels: object = None
    matching = False
    for pod in view.state.pods_of(ref):
        if pod.metadata.labels is not labels:  # most pods of one template share theirs
            labels = pod.metadata.labels
            matching = selector.matches(pod.metadata.labels)
        if not matching:
            others = True
        elif owned_by(owner, pod):
            found.append(pod)
    return found, others


def claims(view: View, owner: KubeObject, selector: Selector, *, member: str = "") -> Iterator[Update]:
    """Adopts active orphans that match and releases active pods that no longer do (`PodControllerRefManager.ClaimPods`). `member` is the name before the ordinal that a StatefulSet asks for."""
    for pod in view.state.pods_of(owner.ref):
        if is_active(pod) and owned_by(owner, pod) and not selector.matches(pod.labels):
            kept = tuple(each for each in pod.metadata.owner_references if not each.controller)
            yield Update(_owned(pod, kept), f"{owner.kind}: released, its labels do not match the selector")
    if owner.metadata.deletion_timestamp is not None or selector.empty:
        return
    for pod in view.state.orphans(Pod, owner.namespace):
        if selector.matches(pod.labels) and is_active(pod) and (not member or pod.name.rpartition("-")[0] == member):
            yield Update(
                _owned(pod, (*pod.metadata.owner_references, reference(owner))),
                f"{owner.kind}: adopted, its labels match the selector",
            )


def _owned(pod: Pod, owners: tuple[OwnerReference, ...]) -> Pod:
    return replace(pod, metadata=replace(pod.metadata, owner_references=owners))


def interested(state: State, kind: type[KubeObject], pod: KubeObject) -> Iterator[Ref]:
    """The pod's controller of that kind; for an orphan, all that would adopt it."""
    owner = controller_of(pod)
    if owner is not None:
        if owner.kind == kind.__name__:
            yield owner
        return
    for item in state.within(kind, pod.namespace):
        selector: LabelSelector | None = getattr(item, "spec").selector  # noqa: B009 - every workload has one
        compiled = compile_selector(selector)
        if not compiled.empty and compiled.matches(pod.labels):
            yield item.ref


def deletion_rank(now: datetime, pod: Pod, siblings: int, *, cost: bool = True) -> tuple[object, ...]:
    """Who goes first when there are too many (`ActivePodsWithRanks`): unassigned, then pending, not ready, low deletion cost, many siblings on its node, ready for a shorter time, more restarts, younger. Times count by the power of two of their age; among equals the uid decides."""
    ready = is_pod_ready(pod)
    since = next((item.last_transition_time for item in pod.status.conditions if item.type == "Ready"), None)
    text = pod.metadata.annotations.get("controller.kubernetes.io/pod-deletion-cost", "0") if cost else "0"
    sidecars = {item.name for item in pod.spec.init_containers if item.restart_policy == "Always"}
    regular = max((item.restart_count for item in pod.status.container_statuses), default=0)
    beside = max(
        (item.restart_count for item in pod.status.init_container_statuses if item.name in sidecars), default=0
    )
    return (
        bool(pod.spec.node_name),
        {"Unknown": 1, "Running": 2}.get(pod.status.phase, 0),
        ready,
        int(text) if text.removeprefix("-").isdecimal() else 0,
        -siblings,
        _magnitude(now, since) if ready else 0,
        -regular,
        -beside,
        _magnitude(now, pod.metadata.creation_timestamp),
        pod.metadata.uid,
        pod.name,
    )


def _magnitude(now: datetime, since: datetime | None) -> int:
    if since is None:
        return -2  # an empty time is seen as the latest
    age = (now - since) / timedelta(microseconds=1) * 1000
    return int(log2(age)) if age > 0 else -1
