"""StatefulSets: pods with ordinals, made and replaced in order. Source: pkg/controller/statefulset."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import ClassVar, cast

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import ControllerRevision, KubeObject, PersistentVolumeClaim, Pod, StatefulSet
from seakeep.model.objects.workloads import WorkloadStatus
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.changes import LIFE, READY
from seakeep.twin.controller import View
from seakeep.twin.controllers import revisions
from seakeep.twin.controllers import stateful_pods as identity
from seakeep.twin.controllers.deployment_sizes import share
from seakeep.twin.controllers.pods import (
    claimed,
    claims,
    interested,
    is_available,
    is_pod_ready,
    is_terminating,
    may_claim,
    until_available,
)
from seakeep.twin.controllers.revisions import REVISION_LABEL
from seakeep.twin.labels import compile_selector
from seakeep.twin.state import State


class StatefulSets:
    name = "statefulset"
    watches = frozenset({"PersistentVolumeClaim", "Pod", "StatefulSet"})
    owners: ClassVar[Mapping[str, str]] = {"Pod": "StatefulSet"}
    minds: ClassVar[Mapping[str, int]] = {"Pod": LIFE | READY}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, StatefulSet):
            yield item.ref
        elif isinstance(item, Pod):
            yield from interested(state, StatefulSet, item)
        elif isinstance(item, PersistentVolumeClaim) and item.metadata.deletion_timestamp is not None:
            # The pod that waits for the claim's name is made when the old claim is gone.
            yield from (each.ref for each in state.within(StatefulSet, item.namespace) if f"-{each.name}-" in item.name)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(StatefulSet, ref.namespace, ref.name)
        if item is None or _is_settled(view.state, ref, item):
            return
        before = view.state.mark(ref), view.state.changed_at(_CLAIMS), view.state.changed_at(_REVISIONS)
        selector = compile_selector(item.spec.selector)
        if selector.empty:
            return
        if may_claim(view, item, selector):
            yield from claims(view, item, selector, member=item.name)
        pods = [pod for pod in claimed(view, item, selector) if identity.is_member(item, pod)]
        yield from revisions.synced(view, item, pods)
        known = revisions.revisions_of(view, item)  # read again: it may just have been made
        if not known:
            return  # the revision was refused
        update = known[-1]
        current = next((each for each in known if each.name == item.status.current_revision), update)
        yield from _Sync(view, item, current, update, pods).run()
        live = frozenset({current.name, update.name, *(pod.labels.get(REVISION_LABEL, "") for pod in pods)})
        yield from revisions.cleaned(view, item, live)
        if not item.spec.min_ready_seconds and ref not in view.refused:
            _remember(view.state, item, before)


_CLAIMS, _REVISIONS = "PersistentVolumeClaim", "ControllerRevision"
# Up to where changes of its pods, of claims and of revisions were seen.
_Seen = tuple[object, int, int]


def _is_settled(state: State, ref: Ref, item: StatefulSet) -> bool:
    """It was looked at before, and what came of that is all that has changed (as of ReplicaSets)."""
    known = cast("tuple[object, object, object, _Seen] | None", state.note(ref))
    if known is None or known[0] is not item.spec or known[1] is not item.metadata or known[2] is not item.status:
        return False
    return _is_as_seen(state, ref, known[3]) and not state.has_orphans(Pod, ref.namespace)


def _is_as_seen(state: State, ref: Ref, seen: _Seen) -> bool:
    pods, claims, revisions_ = seen
    return (
        pods is state.mark(ref) and claims == state.changed_at(_CLAIMS) and revisions_ == state.changed_at(_REVISIONS)
    )


def _remember(state: State, before: StatefulSet, seen: _Seen) -> None:
    """Not where the look itself moved a revision: old ones are cleaned up by the next."""
    item = state.get(StatefulSet, before.namespace, before.name)
    if item is not None and _is_as_seen(state, item.ref, seen) and _progress(item) == _progress(before):
        state.remember(item.ref, (item.spec, item.metadata, item.status, seen))


def _progress(item: StatefulSet) -> tuple[str, str, int]:
    status = item.status
    return status.current_revision, status.update_revision, status.observed_generation


class _Sync:
    def __init__(
        self, view: View, item: StatefulSet, current: ControllerRevision, update: ControllerRevision, pods: list[Pod]
    ) -> None:
        self.view, self.item, self.current, self.update = view, item, current, update
        self.now, self.min_ready = view.now, item.spec.min_ready_seconds
        numbers = {pod.name: identity.ordinal(pod) for pod in pods}
        self.pods = sorted(pods, key=lambda pod: numbers[pod.name])
        start = identity.start(item)
        self.wanted = 1 if item.spec.replicas is None else item.spec.replicas
        self.range = range(start, start + self.wanted)
        self.replicas = {numbers[pod.name]: pod for pod in self.pods if numbers[pod.name] in self.range}
        condemned = [pod for pod in self.pods if numbers[pod.name] not in self.range]
        self.condemned = sorted(condemned, key=lambda pod: numbers[pod.name], reverse=True)
        self.ordered = item.spec.pod_management_policy != "Parallel"
        self.deleted: set[str] = set()

    def run(self) -> Iterator[Action]:
        if self.item.metadata.deletion_timestamp is None:
            yield from self._manage()
        yield from self._status()
        wait = until_available(self.now, self.pods, self.min_ready)
        if wait:
            yield Wait(self.item.ref, wait)

    def _manage(self) -> Iterator[Action]:
        blocked = False
        for number in self.range:
            stop = yield from self._replica(number)
            blocked = blocked or stop
            if stop and self.ordered:
                return
        if blocked and self.item.ref in self.view.refused:
            return
        for pod in self.condemned:
            yield from identity.kept(self.view, self.item, pod, self.range)
        for pod in self.condemned:
            stop = yield from self._condemned(pod)
            if stop and self.ordered:
                return
        if identity.strategy(self.item) == "RollingUpdate":
            yield from self._roll()

    def _replica(self, number: int) -> Generator[Action, None, bool]:
        """`processReplica`; says whether later ordinals have to wait."""
        pod = self.replicas.get(number)
        if pod is not None and is_ended(pod):
            if not is_terminating(pod):
                yield self._delete(pod, "its pod has ended")
            return True
        if pod is None:
            made = self._new(number)
            if identity.has_stale_claim(self.view, self.item, made):
                return True
            ready = yield from identity.claimed(self.view, self.item, made)
            if not ready:
                return True
            yield Create(made, f"statefulset: ordinal {number}")
            found = self.view.state.get(Pod, made.namespace, made.name)
            if found is None:
                return True
            self.replicas[number] = found
            yield from identity.kept(self.view, self.item, found, self.range)
            return self.ordered
        if pod.status.phase == "Pending":
            ready = yield from identity.claimed(self.view, self.item, pod)
            if not ready:
                return True
            yield from identity.kept(self.view, self.item, pod, self.range)
        waits = is_terminating(pod) or not _is_running(pod) or not is_available(self.now, pod, self.min_ready)
        if waits and self.ordered:
            return True
        yield from identity.restored(self.view, self.item, pod, self.range)
        return False

    def _condemned(self, pod: Pod) -> Generator[Action, None, bool]:
        if is_terminating(pod):
            return self.ordered
        first = self._first_unavailable()
        fine = _is_running(pod) and is_available(self.now, pod, self.min_ready)
        if self.ordered and not fine and (first is None or pod.ref != first.ref):
            return True
        yield self._delete(pod, f"{self.wanted} replicas wanted")
        return True

    def _first_unavailable(self) -> Pod | None:
        ordered = [self.replicas[number] for number in self.range if number in self.replicas]
        return next((pod for pod in (*ordered, *reversed(self.condemned)) if self._is_unavailable(pod)), None)

    def _is_unavailable(self, pod: Pod) -> bool:
        return is_terminating(pod) or not is_available(self.now, pod, self.min_ready)

    def _roll(self) -> Iterator[Action]:
        """`updateStatefulSetAfterInvariantEstablished`: from the highest ordinal down to the partition, within maxUnavailable (on by default from Kubernetes 1.37)."""
        rolling = self.item.spec.update_strategy.rolling_update if self.item.spec.update_strategy else None
        least = rolling.partition if rolling else 0
        amount = share(rolling.max_unavailable if rolling else None, self.wanted, up=False, default=1)
        targets = [(index, self.replicas[number]) for index, number in enumerate(self.range) if number in self.replicas]
        targets.reverse()
        away = [pod for _, pod in targets if self._is_unavailable(pod)]
        budget = max(amount, 1) - len(away)
        if self.ordered:
            for index, pod in targets:
                if index >= least and budget > 0 and self._is_old(pod) and not is_terminating(pod):
                    budget -= 1
                    yield self._delete(pod, "rolling update")
            return
        if budget <= 0 and not any(self._is_old(pod) and not is_terminating(pod) for pod in away):
            return
        stale = [pod for index, pod in targets if index >= least and self._is_old(pod) and not is_terminating(pod)]
        for pod in stale:
            if not is_available(self.now, pod, self.min_ready):
                yield self._delete(pod, "rolling update, not available anyway")
        for pod in stale:
            if budget > 0 and not self._is_unavailable(pod):
                budget -= 1
                yield self._delete(pod, "rolling update")

    def _is_old(self, pod: Pod) -> bool:
        return pod.labels.get(REVISION_LABEL) != self.update.name

    def _new(self, number: int) -> Pod:
        """`newVersionedStatefulSetPod`: below the partition with the current revision's template."""
        item, rolling = self.item, None
        if item.spec.update_strategy is not None:
            rolling = item.spec.update_strategy.rolling_update
        below = rolling is not None and number - self.range.start < rolling.partition
        revision = self.current if below else self.update
        return identity.pod(item, revisions.template_of(revision), number, revision.name)

    def _delete(self, pod: Pod, why: str) -> Delete:
        self.deleted.add(pod.name)
        return Delete(pod.ref, f"statefulset: {why}")

    def _status(self) -> Iterator[Action]:
        item = self.view.state.get(StatefulSet, self.item.namespace, self.item.name)
        if item is None:
            return
        pods = [pod for pod in self._live() if pod is not None]
        staying = [pod for pod in pods if not is_terminating(pod)]
        labels = [pod.labels.get(REVISION_LABEL) for pod in staying]
        status = replace(
            item.status,
            observed_generation=item.metadata.generation,
            replicas=len(pods),
            ready_replicas=sum(_is_running(pod) for pod in pods),
            available_replicas=sum(_is_running(pod) and is_available(self.now, pod, self.min_ready) for pod in pods),
            current_replicas=labels.count(self.current.name),
            updated_replicas=labels.count(self.update.name),
            current_revision=self.current.name,
            update_revision=self.update.name,
            collision_count=item.status.collision_count or 0,
        )
        yield Update(replace(item, status=_completed(status, self.wanted)), "statefulset: status")

    def _live(self) -> Iterator[Pod | None]:
        names = {pod.name for pod in self.pods} | {pod.name for pod in self.replicas.values()}
        for name in sorted(names):
            yield self.view.state.get(Pod, self.item.namespace, name)


def _is_running(pod: Pod) -> bool:
    return pod.status.phase == "Running" and is_pod_ready(pod)


def _completed(status: WorkloadStatus, wanted: int) -> WorkloadStatus:
    """`completeUpdate`."""
    if status.updated_replicas == status.ready_replicas == status.replicas == wanted:
        return replace(status, current_replicas=status.updated_replicas, current_revision=status.update_revision)
    return status
