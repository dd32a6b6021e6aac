"""Claims that pods ask for and that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.scheduling import unplaced, waits_for_node
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.objects import Deployment, Event, KubeObject, PersistentVolumeClaim, Pod
from seakeep.model.refs import Ref

_IN_MESSAGE = re.compile(
    r'persistentvolumeclaims? "(?P<name>[^"]+)" (?P<how>not found|is being deleted)', re.IGNORECASE
)


class MissingClaim(Struct, frozen=True):
    """`holder` is the object whose spec names the claim, at `path`; `present` are the claims that its namespace does have."""

    workload: Ref
    name: str
    pods: tuple[Pod, ...]
    holder: KubeObject
    path: str
    event: Event | None
    known_absent: bool
    present: tuple[str, ...]


def missing_claims(index: Index) -> Iterator[MissingClaim]:
    """By workload and claim. A StatefulSet makes the claims of its own templates, so those are its controller's affair unless the scheduler misses them. Claims on their way out are `claims_going`'s."""
    going = claims_going(index)
    for workload, pods in sorted(index.pods_by_workload.items()):
        waiting = [pod for pod in pods if waits_for_node(pod)]
        told = _told(index, waiting)
        named = sorted({name for pod in waiting for name in claim_names(pod.spec)} | set(told))
        for name in named:
            claim = index.snapshot.get(PersistentVolumeClaim, workload.namespace, name)
            ref = Ref("PersistentVolumeClaim", workload.namespace, name)
            absent = index.snapshot.is_absent(ref)
            if claim is not None or ref in going or not (absent or name in told):
                continue
            users = tuple(pod for pod in waiting if not pod.spec.containers or name in claim_names(pod.spec))
            if users:
                yield _missing(index, workload, name, users, users[0], "spec", told.get(name, (False, None))[1], absent)
    for item in unplaced(index):
        name = item.detail(Refusal.CLAIM_MISSING)
        if name and index.snapshot.find(item.pod.ref) is None:
            event = next(
                (event for event in index.events_about(item.pod.ref) if event.reason == "FailedScheduling"), None
            )
            absent = index.snapshot.is_absent(Ref("PersistentVolumeClaim", item.pod.namespace, name))
            if not index.snapshot.get(PersistentVolumeClaim, item.pod.namespace, name):
                yield _missing(index, item.workload, name, item.pods, item.pod, "spec", event, absent)
    yield from _without_pods(index)


@once
def claims_going(index: Index) -> Mapping[Ref, tuple[Pod, ...]]:
    """Claims that were deleted and are still there, with the pods that cannot start for that."""
    found: dict[Ref, tuple[Pod, ...]] = {}
    for workload, pods in sorted(index.pods_by_workload.items()):
        for pod in pods:
            if not waits_for_node(pod):
                continue
            told = {name for name, (going, _) in _told(index, [pod]).items() if going}
            for name in sorted({*claim_names(pod.spec), *told}):
                ref = Ref("PersistentVolumeClaim", workload.namespace, name)
                claim = index.snapshot.get(PersistentVolumeClaim, *ref[1:])
                marked = claim and (claim.metadata.deletion_timestamp or claim.status.phase == "Terminating")
                if (marked or name in told) and not index.snapshot.is_absent(ref):
                    found[ref] = (*found.get(ref, ()), pod)
    return found


def _without_pods(index: Index) -> Iterator[MissingClaim]:
    """A Deployment whose template names an absent claim: its next pod cannot start, whatever its present ones do."""
    for item in index.snapshot.all(Deployment):
        pods = [pod for pod in index.pods_by_workload.get(item.ref, ()) if not pod.metadata.deletion_timestamp]
        if item.spec.replicas == 0 or any(waits_for_node(pod) for pod in pods):
            continue
        for name in claim_names(item.spec.template.spec):
            if (
                index.snapshot.is_absent(Ref("PersistentVolumeClaim", item.namespace, name))
                and not index.snapshot.intent_only
            ):
                yield _missing(index, item.ref, name, (), item, "spec.template.spec", None, True)


def _missing(
    index: Index,
    workload: Ref,
    name: str,
    users: tuple[Pod, ...],
    holder: KubeObject,
    path: str,
    event: Event | None,
    absent: bool,
) -> MissingClaim:
    present = tuple(
        claim.name
        for claim in index.snapshot.all(PersistentVolumeClaim)
        if claim.namespace == workload.namespace and claim.name != name
    )
    return MissingClaim(workload, name, users, holder, path, event, absent, present)


def _told(index: Index, pods: list[Pod]) -> dict[str, tuple[bool, Event | None]]:
    """Claims that the scheduler missed: whether they are on their way out, and the event that says so (none where only the condition does)."""
    found: dict[str, tuple[bool, Event | None]] = {}
    for pod in pods:
        for condition in pod.status.conditions:
            match = _IN_MESSAGE.search(condition.message)
            if match:
                found.setdefault(match["name"], (match["how"] != "not found", None))
        event = next((event for event in index.events_about(pod.ref) if event.reason == "FailedScheduling"), None)
        match = _IN_MESSAGE.search(event.text) if event else None
        if match:
            found[match["name"]] = (match["how"] != "not found", event)
    return found
