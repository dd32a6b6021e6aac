"""StatefulSets: pods with ordinals, made and replaced in order. Source: pkg/controller/statefulset."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import ClassVar, cast

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_ended
from seakeep.model.objects import ControllerRevision, KubeObject, PersistentVolumeClaim, Pod, StatefulSet
from seakeep.model.objects.workloads import WorkloadStatus
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.changes import LIFE, READY, STATUS
from seakeep.twin.controller import View
from seakeep.twin.controllers import revisions
from seakeep.twin.controllers import stateful_pods as identity
from seakeep.twin.controllers.deployment_sizes import share
from seakeep.twin.controllers.pods import (
    claimed,
    claims,
    interested,
    is_available,
    is_terminating,
    looked_over,
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
        state = view.state
        item = state.get(StatefulSet, ref.namespace, ref.name)
        if item is None or _is_settled(state, ref, item):
            return
        before = state.mark(ref), state.changed_at(_CLAIMS), state.changed_at(_REVISIONS)
        selector = compile_selector(item.spec.selector)
        if selector.empty:
            return
        found, others = looked_over(view, ref, item, selector)
        if others:
            yield from claims(view, item, selector, member=item.name)
            found = claimed(view, item, selector)
        pods = identity.members(item, found)
        known = revisions.revisions_of(view, item)
        if not revisions.is_newest(known, item.spec.template):
            yield from revisions.synced(view, item, pods)
            known = revisions.revisions_of(view, item)
            if not known:
                return  # the revision was refused
        update = known[-1]
        current = next((each for each in known if each.name == item.status.current_revision), update)
        yield from _Sync(view, item, current, update, pods).run()
        if len(known) > revisions.limit(item):
            live = frozenset({current.name, update.name, *(pod.labels.get(REVISION_LABEL, "") for pod in pods)})
            yield from revisions.cleaned(view, item, live)
        if not item.spec.min_ready_seconds and ref not in view.refused:
            _remember(state, item, before)


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
        start = identity.start(item)
        self.wanted = 1 if item.spec.replicas is None else item.spec.replicas
        self.range = range(start, start + self.wanted)
        self.pods = sorted(pods, key=identity.ordinal)
        self.replicas: dict[int, Pod] = {}
        self.condemned: list[Pod] = []
        for pod in self.pods:
            number = identity.ordinal(pod)
            if number in self.range:
                self.replicas[number] = pod
            else:
                self.condemned.append(pod)
        self.condemned.sort(key=identity.ordinal, reverse=True)
        self.ordered = item.spec.pod_management_policy != "Parallel"

    def run(self) -> Iterator[Action]:
        if self.item.metadata.deletion_timestamp is None:
            yield from self._manage()
        yield from self._status()
        wait = until_available(self.now, self.pods, self.min_ready) if self.min_ready else 0.0
        if wait:
            yield Wait(self.item.ref, wait)

    def _manage(self) -> Iterator[Action]:
        blocked = False
        for number in self.range:
            pod = self.replicas.get(number)
            if pod is not None and pod.metadata.deletion_timestamp is None and self._is_up(pod):
                yield from identity.restored(self.view, self.item, pod, self.range)
                continue
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
        if identity.strategy(self.item) == "RollingUpdate" and any(map(self._is_old, self.replicas.values())):
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
            yield Create(made, f"statefulset: ordinal {number}", named=True)
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
        if self.ordered and (is_terminating(pod) or not self._is_up(pod)):
            return True
        yield from identity.restored(self.view, self.item, pod, self.range)
        return False

    def _condemned(self, pod: Pod) -> Generator[Action, None, bool]:
        if is_terminating(pod):
            return self.ordered
        first = self._first_unavailable()
        if self.ordered and not self._is_up(pod) and (first is None or pod.ref != first.ref):
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
        return Delete(pod.ref, f"statefulset: {why}")

    def _status(self) -> Iterator[Action]:
        state, space = self.view.state, self.item.metadata.namespace
        item = state.get(StatefulSet, space, self.item.metadata.name)
        if item is None:
            return
        current, update = self.current.metadata.name, self.update.metadata.name
        replicas = ready = available = of_current = updated = 0
        for name in {pod.metadata.name for pod in (*self.pods, *self.replicas.values())}:
            pod = state.get(Pod, space, name)
            if pod is None:
                continue
            replicas += 1
            if _is_running(pod):
                ready += 1
                available += not self.min_ready or self._is_up(pod)
            if pod.metadata.deletion_timestamp is None:
                label = pod.metadata.labels.get(REVISION_LABEL)
                of_current += label == current
                updated += label == update
        status = replace(
            item.status,
            observed_generation=item.metadata.generation,
            replicas=replicas,
            ready_replicas=ready,
            available_replicas=available,
            current_replicas=of_current,
            updated_replicas=updated,
            current_revision=current,
            update_revision=update,
            collision_count=item.status.collision_count or 0,
        )
        status = _completed(status, self.wanted)
        if status != item.status:
            yield Update(replace(item, status=status), "statefulset: status", STATUS)

    def _is_up(self, pod: Pod) -> bool:
        """Running and available."""
        return _is_running(pod) and (not self.min_ready or is_available(self.now, pod, self.min_ready))


def _is_running(pod: Pod) -> bool:
    return pod.status.phase == "Running" and condition(pod, "Ready") == "True"


def _completed(status: WorkloadStatus, wanted: int) -> WorkloadStatus:
    """`completeUpdate`."""
    if status.updated_replicas == status.ready_replicas == status.replicas == wanted:
        return replace(status, current_replicas=status.updated_replicas, current_revision=status.update_revision)
    return status
