"""ReplicaSets: as many pods as `spec.replicas` says. Source: pkg/controller/replicaset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, cast

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_ended
from seakeep.model.objects import Condition, KubeObject, Pod, ReplicaSet
from seakeep.model.objects.workloads import WorkloadStatus
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.changes import ALL, LIFE, READY, SPEC, STATUS
from seakeep.twin.controller import View
from seakeep.twin.controllers.pods import (
    claimed,
    claims,
    deletion_rank,
    interested,
    is_active,
    is_available,
    looked_over,
    owned_by,
    pod_from,
    until_available,
)
from seakeep.twin.labels import compile_selector
from seakeep.twin.state import State, controller_of

# BurstReplicas: so many pods at most are made or deleted before the controller looks again.
_BURST = 500


class ReplicaSets:
    name = "replicaset"
    watches = frozenset({"Pod", "ReplicaSet"})
    owners: ClassVar[Mapping[str, str]] = {"Pod": "ReplicaSet"}
    # Not the binding of a pod, nor what it writes itself.
    minds: ClassVar[Mapping[str, int]] = {"Pod": (LIFE | READY) & ~SPEC, "ReplicaSet": ALL & ~STATUS}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, ReplicaSet):
            yield item.ref
        elif isinstance(item, Pod):
            yield from interested(state, ReplicaSet, item)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        owner = view.state.get(ReplicaSet, ref.namespace, ref.name)
        if owner is None or _is_settled(view.state, ref, owner):
            return
        mark = view.state.mark(ref)
        selector = compile_selector(owner.spec.selector)
        found, others = looked_over(view, ref, owner, selector)
        if others:
            yield from claims(view, owner, selector)
            found = claimed(view, owner, selector)
        pods: list[Pod] = []
        ending = 0
        for pod in found:
            if not is_ended(pod):
                if pod.metadata.deletion_timestamp is None:
                    pods.append(pod)
                else:
                    ending += 1
        refused = ""
        if owner.metadata.deletion_timestamp is None:
            wanted = wanted_of(owner)
            if len(pods) != wanted:
                before = view.state.mark(ref)
                yield from self._manage(view, owner, pods)
                if len(pods) < wanted:
                    # The look that follows upon its own new pods is taken with this one.
                    names, mark = view.state.changed_since(ref, before), view.state.mark(ref)
                    made = [view.state.get(Pod, ref.namespace, name) for name in sorted(names)]
                    pods += [pod for pod in made if pod is not None and is_active(pod)]
            refused = view.refused.get(ref, "") if len(pods) < wanted else ""
        status = _status(view, owner, pods, ending, refused)
        if status != owner.status:
            owner = replace(owner, status=status)
            yield Update(owner, "replicaset: status", STATUS)
        least = owner.spec.min_ready_seconds
        wait = until_available(view.now, pods, least) if least else 0.0
        if wait:
            yield Wait(ref, wait)
        elif not refused and not least:
            _remember(view.state, ref, owner, mark)

    def _manage(self, view: View, owner: ReplicaSet, pods: list[Pod]) -> Iterator[Action]:
        wanted = wanted_of(owner)
        for _ in range(min(max(wanted - len(pods), 0), _BURST)):
            prefix = f"{owner.name}-"
            pod = pod_from(owner, owner.spec.template, prefix + view.suffix(), prefix)
            yield Create(pod, f"replicaset: {len(pods)} of {wanted} pods")
            if owner.ref in view.refused:
                return  # slow start: after a refusal the rest is not tried
        surplus = min(max(len(pods) - wanted, 0), _BURST)
        if surplus:
            doubled = _related(view, owner)
            ranked = sorted(pods, key=lambda pod: deletion_rank(view.now, pod, doubled[pod.spec.node_name]))
            for pod in ranked[:surplus]:
                yield Delete(pod.ref, f"replicaset: {len(pods)} pods, {wanted} wanted")


# Its specification and metadata, the status that follows from them and its pods, and up to where their changes were seen.
_Settled = tuple[object, object, object, object]


def _is_settled(state: State, ref: Ref, owner: ReplicaSet) -> bool:
    """It was looked at before, and what came of that is all that has changed: half of all looks."""
    known = cast("_Settled | None", state.note(ref))
    return (
        known is not None
        and known[0] is owner.spec
        and known[1] is owner.metadata
        and known[2] is owner.status
        and known[3] is state.mark(ref)
        and not state.has_orphans(Pod, ref.namespace)
    )


def _remember(state: State, ref: Ref, owner: ReplicaSet, mark: object) -> None:
    if state.mark(ref) is mark:
        state.remember(ref, (owner.spec, owner.metadata, owner.status, mark))


def wanted_of(owner: ReplicaSet) -> int:
    return 1 if owner.spec.replicas is None else owner.spec.replicas


def _related(view: View, owner: ReplicaSet) -> Counter[str]:
    """Active pods per node of all ReplicaSets with the same owner (`getIndirectlyRelatedPods`)."""
    parent = controller_of(owner)
    family = [owner]
    if parent is not None:
        family = [item for item in view.state.within(ReplicaSet, owner.namespace) if controller_of(item) == parent]
    found = {
        pod.ref: pod
        for item in family
        for pod in view.state.pods_picked(item.namespace, compile_selector(item.spec.selector))
    }
    return Counter(pod.spec.node_name for pod in found.values() if is_active(pod))


def _status(view: View, owner: ReplicaSet, pods: list[Pod], ending: int, refused: str) -> WorkloadStatus:
    conditions = owner.status.conditions
    known = next((item for item in conditions if item.type == "ReplicaFailure"), None) if conditions else None
    if refused and known is None:
        new = Condition(
            type="ReplicaFailure",
            status="True",
            reason="FailedCreate",
            message=refused,
            last_transition_time=view.now,
        )
        conditions = (*conditions, new)
    elif not refused and known is not None:
        conditions = tuple(item for item in conditions if item is not known)
    labels = owner.spec.template.metadata.labels
    pairs, least = labels.items(), owner.spec.min_ready_seconds
    ready = [pod for pod in pods if condition(pod, "Ready") == "True"]
    return replace(
        owner.status,
        replicas=len(pods),
        fully_labeled_replicas=sum([pod.metadata.labels is labels or pairs <= pod.labels.items() for pod in pods]),
        ready_replicas=len(ready),
        available_replicas=sum(is_available(view.now, pod, least) for pod in ready) if least else len(ready),
        terminating_replicas=ending,
        observed_generation=owner.metadata.generation,
        conditions=conditions,
    )


__all__ = ["ReplicaSets", "is_active", "owned_by", "pod_from", "wanted_of"]
