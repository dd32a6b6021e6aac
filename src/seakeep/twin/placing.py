"""The scheduler in the twin's loop: which pods wait, in which order they are tried, where each goes, and who makes room for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from datetime import UTC, datetime

import numpy as np

from seakeep.model.objects import KubeObject, Node, Pod
from seakeep.twin.decisions import Decision
from seakeep.twin.scheduler import hints
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.nominations import Nominations, priority
from seakeep.twin.scheduler.preemption import Outcome, preempt
from seakeep.twin.scheduler.profile import Verdict, judge
from seakeep.twin.scheduler.resources import exceeds_every_node
from seakeep.twin.scheduler.words import failed_scheduling
from seakeep.twin.state import State

_NEVER = datetime.min.replace(tzinfo=UTC)
Key = tuple[str, str]


class Placer:
    """Keeps the scheduler's view current. A pod that fits nowhere waits until something changes that could help it."""

    def __init__(self, state: State) -> None:
        self.cluster = Cluster(state)
        self.nominations = Nominations()
        self._stale = False
        self._active: dict[Key, None] = {}
        # With the plugins that refused it.
        self._unschedulable: dict[Key, frozenset[str]] = {}
        # Those among them that a pod's coming may help.
        self._near: dict[Key, None] = {}
        # Larger than every node: only other nodes can help.
        self._too_large: dict[Key, None] = {}
        self._priorities: Counter[int] = Counter()
        # Among pods of one priority, who came first or has waited longest since the last try.
        self._turn: dict[Key, int] = {}
        self._turns = 0
        for pod in sorted(state.all(Pod), key=_age):
            if _placed(pod):
                self._priorities[priority(pod)] += 1
            elif _waits(pod):
                self._active[pod.namespace, pod.name] = None
                self._queue((pod.namespace, pod.name))
            self.nominations.changed(None, pod)

    def branch(self, state: State) -> Placer:
        """`state` is the branch of the state."""
        other = copy(self)
        other.cluster, other.nominations = self.cluster.branch(state), self.nominations.branch()
        other._active, other._unschedulable = dict(self._active), dict(self._unschedulable)  # noqa: SLF001 - its own copy
        other._too_large, other._priorities = dict(self._too_large), Counter(self._priorities)  # noqa: SLF001
        other._turn, other._near = dict(self._turn), dict(self._near)  # noqa: SLF001
        return other

    @property
    def waiting(self) -> bool:
        return bool(self._active)

    def changed(self, old: KubeObject | None, new: KubeObject | None) -> None:
        """Called for every object that is made, changed or removed."""
        if isinstance(old, Pod) or isinstance(new, Pod):
            self._pod(old if isinstance(old, Pod) else None, new if isinstance(new, Pod) else None)
        elif isinstance(old, Node) and isinstance(new, Node) and not self._stale and _same_room(old, new):
            self.cluster.renew(new)
            if old.spec != new.spec:
                self._retry()
        elif (new or old) is not None and (new or old).kind in _HELPFUL:  # type: ignore[union-attr]
            self._stale = True
            self._retry()
            self._active.update(self._too_large)
            self._too_large.clear()

    def _pod(self, old: Pod | None, new: Pod | None) -> None:
        before, after = _placed(old), _placed(new)
        if before != after:
            self._move(before, after)
        key = ((new or old).namespace, (new or old).name)  # type: ignore[union-attr]
        if new is None or not _waits(new):
            self._active.pop(key, None)
            self._unschedulable.pop(key, None)
            self._too_large.pop(key, None)
            if new is None or new.spec.node_name:
                self._turn.pop(key, None)
            elif old is None:
                self._queue(key)
        elif old is None or _spec_changed(old, new):
            self._unschedulable.pop(key, None)
            self._too_large.pop(key, None)
            self._active[key] = None
            if key not in self._turn:
                self._queue(key)
        self.nominations.changed(old, new)
        self._wake(before, after, old, new)

    def _queue(self, key: Key) -> None:
        self._turns += 1
        self._turn[key] = self._turns

    def _move(self, before: Pod | None, after: Pod | None) -> None:
        if before is not None and after is not None and _same_load(before, after):
            if after.spec.node_name in self.cluster.index:
                self.cluster.renew_pod(after, self.cluster.index[after.spec.node_name])
            return
        for pod, sign, act in ((before, -1, self.cluster.remove), (after, 1, self.cluster.place)):
            if pod is not None:
                self._priorities[priority(pod)] += sign
                if pod.spec.node_name in self.cluster.index:
                    act(pod, self.cluster.index[pod.spec.node_name])

    def _wake(self, before: Pod | None, after: Pod | None, old: Pod | None, new: Pod | None) -> None:
        """Pods that the change may have made room for are tried again."""
        if not self._unschedulable:
            return
        spaces = self.cluster.namespace_labels
        if before and not after:
            self._retry(lambda plugins, pod: hints.by_going(plugins, pod, before, spaces))
        elif after and not before:
            self._retry(lambda plugins, pod: hints.by_coming(plugins, pod, after, spaces), self._near)
        elif before and after and before.labels != after.labels:
            self._retry(lambda plugins, pod: hints.by_labels(plugins, pod, before, after, spaces), self._near)
        elif old and not before and not after and _nomination_left(old, new):
            # For pods of equal or lower priority it was as good as placed there.
            most = priority(old)
            self._retry(lambda plugins, pod: priority(pod) <= most and hints.by_going(plugins, pod, old, spaces))

    def _retry(
        self, helped: Callable[[frozenset[str], Pod], bool] | None = None, among: Iterable[Key] | None = None
    ) -> None:
        """All that wait, or those that `helped` (plugins, pod) says."""
        for key in list(self._unschedulable if among is None else among):
            plugins = self._unschedulable.get(key)
            if plugins is None:
                self._near.pop(key, None)
                continue
            pod = self.cluster.objects.get(Pod, *key) if helped else None
            if helped is None or (pod is not None and helped(plugins, pod)):
                del self._unschedulable[key]
                self._near.pop(key, None)
                self._active[key] = None

    def round(self, state: State) -> Iterator[Decision]:
        """One for each pod that waits: by priority, then by who has waited longest (PrioritySort)."""
        if self._stale:
            self._renew(state)
        pods = [pod for key in self._active if (pod := state.get(Pod, *key)) is not None]
        self._active = {}
        for item in sorted(pods, key=lambda pod: (-priority(pod), self._turn[pod.namespace, pod.name])):
            pod = state.get(Pod, item.namespace, item.name)  # a decision before may have changed it
            if pod is not None and _waits(pod):
                yield self._decide(pod)

    def _decide(self, pod: Pod) -> Decision:
        verdict = judge(self.cluster, pod, self.nominations.filtered)
        nominated = pod.status.nominated_node_name
        if nominated and nominated in verdict.feasible:
            return Decision(pod, nominated, "scheduler: the nominated node is tried first")
        if verdict.feasible:
            return Decision(pod, best(verdict), "scheduler: highest score")
        key = (pod.namespace, pod.name)
        self._queue(key)
        if exceeds_every_node(self.cluster, pod):
            self._too_large[key] = None
        else:
            self._unschedulable[key] = verdict.plugins
            if verdict.plugins & hints.NEAR:
                self._near[key] = None
        if not self.cluster.size:
            return Decision(pod, "", message(verdict, 0), Outcome("", ""))
        lowest = min((each for each, count in self._priorities.items() if count > 0), default=priority(pod))
        outcome = preempt(self.cluster, verdict, self.nominations, lowest)
        demoted: tuple[Pod, ...] = ()
        # Where all victims are ending already, kube-scheduler leaves the other nominations alone (`prepareCandidateAsync`).
        if any(item.metadata.deletion_timestamp is None for item in outcome.victims):
            on = self.nominations.on(outcome.nominate or "")
            demoted = tuple(item for item in on if priority(item) < priority(pod))
        return Decision(pod, "", message(verdict, self.cluster.size, outcome.message), outcome, demoted)

    def _renew(self, state: State) -> None:
        """Nodes, claims or others that the cluster was built from have changed."""
        self.cluster = Cluster(state)
        self._stale = False


# Kinds whose change can make a pod schedulable, or that the cluster's arrays are made from.
_HELPFUL = frozenset(
    {"Node", "Namespace", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "CSINode", "CSIStorageCapacity"}
)


def best(verdict: Verdict) -> str:
    """The highest total; among equals the first by name (kube-scheduler takes one at random)."""
    return verdict.feasible[int(np.argmax(verdict.total))]


def message(verdict: Verdict, size: int, after: str = "") -> str:
    """As in the PodScheduled condition; `after` is what preemption came to."""
    return failed_scheduling(verdict.reasons, size, whole=verdict.whole, after=after)


def _placed(pod: Pod | None) -> Pod | None:
    """A pod that takes room on its node."""
    if pod is None or not pod.spec.node_name or pod.status.phase in {"Succeeded", "Failed"}:
        return None
    return pod


def _waits(pod: Pod) -> bool:
    """For the scheduler: a gated pod is not tried until its gates are removed (plugin SchedulingGates, PreEnqueue)."""
    return (
        not pod.spec.node_name
        and not pod.spec.scheduling_gates
        and pod.metadata.deletion_timestamp is None
        and pod.status.phase not in {"Succeeded", "Failed"}
    )


def _same_load(old: Pod, new: Pod) -> bool:
    """Only conditions and the like differ: it takes the same room, and is the same to other pods."""
    return (
        old.spec is new.spec
        and old.labels == new.labels
        and (old.metadata.deletion_timestamp is None) == (new.metadata.deletion_timestamp is None)
        and not any(
            item.resources or item.allocated_resources
            for pod in (old, new)
            for item in (*pod.status.container_statuses, *pod.status.init_container_statuses)
        )
    )


def _same_room(old: Node, new: Node) -> bool:
    """A cordon, a taint or a condition changed, and nothing that the arrays are made from."""
    return (
        old.labels == new.labels
        and old.status.allocatable == new.status.allocatable
        and old.status.images == new.status.images
        and old.status.declared_features == new.status.declared_features
    )


def _spec_changed(old: Pod, new: Pod) -> bool:
    return old.spec != new.spec or old.labels != new.labels


def _age(pod: Pod) -> tuple[datetime, str, str]:
    return (pod.metadata.creation_timestamp or _NEVER, pod.namespace, pod.name)


def _nomination_left(old: Pod, new: Pod | None) -> bool:
    before = old.status.nominated_node_name
    return bool(before) and (new is None or new.status.nominated_node_name != before)
