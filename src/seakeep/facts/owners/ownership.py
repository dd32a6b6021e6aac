"""Who controls what: from a pod up to the object that a person edits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from seakeep.facts.index import WORKLOAD_KINDS, Index
from seakeep.facts.once import once
from seakeep.model.objects import KubeObject, Pod, ReplicaSet
from seakeep.model.refs import Ref

# Alphabet of generated suffixes: apimachinery util/rand (no vowels, no 0, 1, 3).
_SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]"
_DEPLOYMENT_POD = re.compile(rf"(?P<workload>.+)-{_SUFFIX}{{6,10}}-{_SUFFIX}{{5}}")
_SET_POD = re.compile(rf"(?P<workload>.+)-{_SUFFIX}{{5}}")
_TIMED_POD = re.compile(rf"(?P<workload>.+-2\d{{7}})-{_SUFFIX}{{5}}")
# Longer numbers are no set's: workflow engines end their pods' names so.
_ORDINAL_POD = re.compile(r"(?P<workload>.+)-\d{1,4}")


def controller_of(item: KubeObject) -> Ref | None:
    """The owner marked as controller, or the only owner."""
    owners = item.metadata.owner_references
    chosen = next((owner for owner in owners if owner.controller), owners[0] if len(owners) == 1 else None)
    return Ref(chosen.kind, "" if chosen.kind == "Node" else item.namespace, chosen.name) if chosen else None


def owner_chain(index: Index, item: KubeObject) -> tuple[Ref, ...]:
    """Controllers from the nearest upwards, operators' custom resources included. Ends at an owner that was not read; cycles end where they close."""
    chain: list[Ref] = []
    current: KubeObject | None = item
    while current is not None:
        owner = controller_of(current)
        if owner is None and isinstance(current, Pod) and not chain:
            owner = _owner_by_name(index, current)
        if owner is None or owner in chain:
            break
        chain.append(owner)
        found = index.snapshot.find(owner)
        if found is None and owner.kind == "ReplicaSet":
            above = _deployment_of_unread_replica_set(item, owner)
            if above:
                chain.append(above)
                found = index.snapshot.find(above)
        current = found
    return tuple(chain)


def know_owners(index: Index, before: Index, changed: Collection[Ref]) -> None:
    """Takes over from `before` whose workload a pod is, where the owners above it are as they were; `changed` has every object that is not the same."""
    known, seen = _workloads(index), index.snapshot
    known.update(_owned(before))
    below = _below(before)
    for ref in changed:
        if ref in below and _owners(seen.find(ref)) != _owners(before.snapshot.find(ref)):
            for pod in below[ref]:
                known.pop(id(pod), None)


@once
def _owned(index: Index) -> Mapping[int, Ref]:
    """The workloads of pods that name their owners, by the identity of the pod."""
    return {id(pod): workload_of(index, pod) for pod in index.pods if controller_of(pod) is not None}


@once
def _below(index: Index) -> Mapping[Ref, Sequence[Pod]]:
    """Owner, read or not → the pods that are below it."""
    found: dict[Ref, list[Pod]] = defaultdict(list)
    for pod in index.pods:
        for ref in owner_chain(index, pod):
            found[ref].append(pod)
    return found


def _owners(item: KubeObject | None) -> object:
    return None if item is None else item.metadata.owner_references


def by_workload(index: Index) -> Mapping[Ref, Sequence[Pod]]:
    """All pods, in order, by the workload of each."""
    groups: dict[Ref, list[Pod]] = defaultdict(list)
    known = _workloads(index)
    for pod in index.pods:
        groups[known.get(id(pod)) or workload_of(index, pod)].append(pod)
    return groups


def workload_of(index: Index, pod: Pod) -> Ref:
    """The object that a person edits to change the pod: the topmost built-in controller, else the operator's resource, else the pod itself."""
    known = _workloads(index)
    if id(pod) not in known:
        found = _workload_of(index, pod)
        if index.snapshot.find(pod.ref) is not pod:
            return found  # made up by a question: another object may get its id
        known[id(pod)] = found
    return known[id(pod)]


@once
def _workloads(index: Index) -> dict[int, Ref]:
    """By the identity of the pod, filled as pods are asked about."""
    del index
    return {}


def _workload_of(index: Index, pod: Pod) -> Ref:
    chain = owner_chain(index, pod)
    built_in = [ref for ref in chain if ref.kind in WORKLOAD_KINDS]
    if built_in:
        # A CronJob's Job is the thing that failed; the CronJob is what one edits, but only the Job shows which run it was.
        return next((ref for ref in built_in if ref.kind == "Job"), built_in[-1])
    return next((ref for ref in reversed(chain) if ref.kind != "Node"), pod.ref)


def _deployment_of_unread_replica_set(pod: KubeObject, owner: Ref) -> Ref | None:
    template_hash = pod.labels.get("pod-template-hash", "")
    name = owner.name.removesuffix(f"-{template_hash}") if template_hash else owner.name.rpartition("-")[0]
    return Ref("Deployment", owner.namespace, name) if name and name != owner.name else None


def _owner_by_name(index: Index, pod: Pod) -> Ref | None:
    """From a source that shows no owners (a table): the workload whose name the pod's generated name begins with, if such a one was seen."""
    if index.snapshot.depth(pod.ref) > 1:
        return None
    # A CronJob names its Jobs by the minute: nothing else gives such names.
    if timed := _TIMED_POD.fullmatch(pod.name):
        return Ref("Job", pod.namespace, timed["workload"])
    for form, kinds in (
        (_DEPLOYMENT_POD, ("Deployment",)),
        (_ORDINAL_POD, ("StatefulSet",)),
        (_SET_POD, ("DaemonSet", "Job", "ReplicaSet")),
    ):
        match = form.fullmatch(pod.name)
        if not match:
            continue
        for kind in kinds:
            ref = Ref(kind, pod.namespace, match["workload"])
            if index.snapshot.find(ref):
                return ref
    match = _DEPLOYMENT_POD.fullmatch(pod.name)
    if match:
        return Ref("Deployment", pod.namespace, match["workload"])
    match = _ORDINAL_POD.fullmatch(pod.name)
    if match is None:
        return None
    # Sets count from 0: where all pods were listed, a single one whose name happens to end in another number is left alone. A static pod ends in its node's name.
    first = index.snapshot.get(Pod, pod.namespace, f"{match['workload']}-0")
    if first is None and (pod.namespace == "kube-system" or index.snapshot.lists_all("Pod", pod.namespace)):
        return None
    return Ref("StatefulSet", pod.namespace, match["workload"])


@once
def _replica_sets(index: Index) -> Mapping[Ref | None, Sequence[ReplicaSet]]:
    groups: dict[Ref | None, list[ReplicaSet]] = defaultdict(list)
    for item in index.snapshot.all(ReplicaSet):
        groups[controller_of(item)].append(item)
    return groups


def replica_sets_of(index: Index, deployment: Ref) -> tuple[ReplicaSet, ...]:
    """The Deployment's ReplicaSets, newest revision last."""
    found = _replica_sets(index).get(deployment, ())
    return tuple(
        sorted(
            found, key=lambda item: int(item.metadata.annotations.get("deployment.kubernetes.io/revision", "0") or 0)
        )
    )
