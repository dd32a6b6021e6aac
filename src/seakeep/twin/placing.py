"""The scheduler in the twin's loop: which pods wait, in which order they are tried, and where each goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime

import numpy as np
from msgspec.structs import replace

from seakeep.model.objects import Condition, KubeObject, Node, Pod
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.profile import Verdict, judge
from seakeep.twin.scheduler.resources import exceeds_every_node
from seakeep.twin.state import State

_NEVER = datetime.min.replace(tzinfo=UTC)
Key = tuple[str, str]


class Placer:
    """Keeps the scheduler's view current. A pod that fits nowhere waits until something changes that could help it."""

    def __init__(self, state: State) -> None:
        self.cluster = Cluster(state)
        self._stale = False
        self._active: dict[Key, None] = {}
        self._unschedulable: dict[Key, None] = {}
        # Larger than every node: only other nodes can help.
        self._too_large: dict[Key, None] = {}
        for pod in state.all(Pod):
            if _waits(pod):
                self._active[pod.namespace, pod.name] = None

    def branch(self, state: State) -> Placer:
        """`state` is the branch of the state."""
        other = copy(self)
        other.cluster = self.cluster.branch(state)
        other._active, other._unschedulable = dict(self._active), dict(self._unschedulable)  # noqa: SLF001 - its own copy
        other._too_large = dict(self._too_large)  # noqa: SLF001
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
        if before and before.spec.node_name in self.cluster.index and before != after:
            self.cluster.remove(before, self.cluster.index[before.spec.node_name])
        if after and after.spec.node_name in self.cluster.index and before != after:
            self.cluster.place(after, self.cluster.index[after.spec.node_name])
        key = ((new or old).namespace, (new or old).name)  # type: ignore[union-attr]
        if new is None or not _waits(new):
            self._active.pop(key, None)
            self._unschedulable.pop(key, None)
            self._too_large.pop(key, None)
        elif old is None or _spec_changed(old, new):
            self._unschedulable.pop(key, None)
            self._too_large.pop(key, None)
            self._active[key] = None
        if (before and not after) or (before and after and before.labels != after.labels):
            self._retry()
        elif after and not before and self._unschedulable:
            # A pod that was just bound can satisfy another's affinity.
            self._retry()

    def _retry(self) -> None:
        self._active.update(self._unschedulable)
        self._unschedulable.clear()

    def round(self, state: State) -> Iterator[tuple[Pod, str, str]]:
        """(pod, node, "") or (pod, "", message) for each pod that waits: by priority, then age, then name (PrioritySort)."""
        if self._stale:
            self._renew(state)
        pods = [pod for key in self._active if (pod := state.get(Pod, *key)) is not None]
        self._active = {}
        for pod in sorted(pods, key=_order):
            verdict = judge(self.cluster, pod)
            if verdict.feasible:
                yield pod, best(verdict), ""
            else:
                hopeless = exceeds_every_node(self.cluster, pod)
                (self._too_large if hopeless else self._unschedulable)[pod.namespace, pod.name] = None
                yield pod, "", message(verdict, self.cluster.size)

    def _renew(self, state: State) -> None:
        """Nodes, claims or others that the cluster was built from have changed."""
        self.cluster = Cluster(state)
        self._stale = False

    def bound(self, pod: Pod, node: str, now: datetime) -> Pod:
        scheduled = Condition(type="PodScheduled", status="True", last_transition_time=now)
        status = replace(pod.status, conditions=_with(pod.status.conditions, scheduled))
        return replace(pod, spec=replace(pod.spec, node_name=node), status=status)

    def unschedulable(self, pod: Pod, text: str, now: datetime) -> Pod:
        known = next((item for item in pod.status.conditions if item.type == "PodScheduled"), None)
        since = known.last_transition_time if known and known.status == "False" else now
        condition = Condition(
            type="PodScheduled", status="False", reason="Unschedulable", message=text, last_transition_time=since
        )
        status = replace(pod.status, phase="Pending", conditions=_with(pod.status.conditions, condition))
        return replace(pod, status=status)


# Kinds whose change can make a pod schedulable, or that the cluster's arrays are made from.
_HELPFUL = frozenset(
    {"Node", "Namespace", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "CSINode", "CSIStorageCapacity"}
)


def best(verdict: Verdict) -> str:
    """The highest total; among equals the first by name (kube-scheduler takes one at random)."""
    return verdict.feasible[int(np.argmax(verdict.total))]


def message(verdict: Verdict, size: int) -> str:
    """As in the FailedScheduling event (`FitError.Error`): counts by reason, sorted as text."""
    if not size:
        return "no nodes available to schedule pods"
    counts = Counter(reason for reasons in verdict.reasons.values() for reason in reasons)
    texts = sorted(f"{count} {reason}" for reason, count in counts.items())
    return f"0/{size} nodes are available: {', '.join(texts)}."


def _placed(pod: Pod | None) -> Pod | None:
    """A pod that takes room on its node."""
    if pod is None or not pod.spec.node_name or pod.status.phase in {"Succeeded", "Failed"}:
        return None
    return pod


def _waits(pod: Pod) -> bool:
    return (
        not pod.spec.node_name
        and pod.metadata.deletion_timestamp is None
        and pod.status.phase not in {"Succeeded", "Failed"}
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


def _order(pod: Pod) -> tuple[int, datetime, str, str]:
    return (-(pod.spec.priority or 0), pod.metadata.creation_timestamp or _NEVER, pod.namespace, pod.name)


def _with(conditions: tuple[Condition, ...], new: Condition) -> tuple[Condition, ...]:
    return (*(item for item in conditions if item.type != new.type), new)
