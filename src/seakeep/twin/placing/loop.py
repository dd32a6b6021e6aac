"""The scheduler in the twin's loop: which pods wait, in which order they are tried, where each goes, and who makes room for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import copy
from datetime import datetime

import numpy as np

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import KubeObject, Metadata, Node, Pod
from seakeep.twin.moments import EARLIEST
from seakeep.twin.placing.alike import Alike, Memory, Refused
from seakeep.twin.placing.aside import Aside, Helped
from seakeep.twin.placing.decisions import Decision
from seakeep.twin.requests import is_resized
from seakeep.twin.scheduler import hints
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.fill import Filler
from seakeep.twin.scheduler.kinds import PodKind
from seakeep.twin.scheduler.nominations import Nominations, priority
from seakeep.twin.scheduler.preemption import Outcome, preempt
from seakeep.twin.scheduler.profile import Verdict, judge
from seakeep.twin.scheduler.resources import exceeds_every_node
from seakeep.twin.scheduler.words import failed_scheduling
from seakeep.twin.state import State

# Kinds whose change can make a pod schedulable, or that the cluster's arrays are made from; and pods.
PLACING = frozenset(
    {
        "Node",
        "Namespace",
        "PersistentVolumeClaim",
        "PersistentVolume",
        "Pod",
        "StorageClass",
        "CSINode",
        "CSIStorageCapacity",
    }
)
_DEFAULT_SCHEDULER = frozenset({"", "default-scheduler"})
# podMaxInUnschedulablePodsDuration, looked at every 30 s (pkg/scheduler/backend/queue).
FLUSH = 330.0
# From so many equal pods of a round on, what depends on their kind alone is worked out once for all of them.
_SEVERAL = 4
Key = tuple[str, str]


class Placer:
    """Keeps the scheduler's view current. A pod that fits nowhere waits until something changes that could help it."""

    __slots__ = (
        "_active",
        "_aside",
        "_binding",
        "_filler",
        "_memory",
        "_priorities",
        "_served",
        "_stale",
        "_too_large",
        "_tried",
        "_turn",
        "_turns",
        "cluster",
        "late",
        "nominations",
    )

    def __init__(self, state: State) -> None:
        self.cluster = Cluster(state)
        self.nominations = Nominations()
        self._memory = Memory()
        # Of one round, and kept current while it places.
        self._filler: Filler | None = None
        self._binding: tuple[Key, PodKind] | None = None
        self._stale = False
        self._active: dict[Key, None] = {}
        self._aside = Aside()
        # Larger than every node: only other nodes can help.
        self._too_large: dict[Key, None] = {}
        self._priorities: Counter[int] = Counter()
        # Among pods of one priority, who came first or has waited longest since the last try.
        self._turn: dict[Key, int] = {}
        self._turns = 0
        self.late: list[Key] = []
        """Pods of the last round that are tried again after `FLUSH` seconds, for no hint may come when they fit."""
        # Those that wait for that, and what had changed when they were tried.
        self._tried: dict[Key, int] = {}
        pods = sorted(state.all(Pod), key=_age)
        # Of another scheduler, only where pods show that there is one.
        self._served = _DEFAULT_SCHEDULER | {pod.spec.scheduler_name for pod in pods if pod.spec.node_name}
        for pod in pods:
            if _placed(pod):
                self._priorities[priority(pod)] += 1
            elif self._serves(pod):
                self._active[pod.namespace, pod.name] = None
                self._queue((pod.namespace, pod.name))
            self.nominations.changed(None, pod)

    def branch(self, state: State) -> Placer:
        """`state` is the branch of the state."""
        other = copy(self)
        other.cluster, other.nominations = self.cluster.branch(state), self.nominations.branch()
        other._memory, other._filler = self._memory.branch(), None  # noqa: SLF001
        other._active, other._aside = dict(self._active), self._aside.branch()  # noqa: SLF001 - its own copy
        other._too_large, other._priorities = dict(self._too_large), Counter(self._priorities)  # noqa: SLF001
        other._turn, other._tried, other.late = dict(self._turn), dict(self._tried), []  # noqa: SLF001
        return other

    @property
    def waiting(self) -> bool:
        return bool(self._active)

    def changed(self, old: KubeObject | None, new: KubeObject | None) -> None:
        """Called for every object of the kinds in PLACING that is made, changed or removed."""
        if isinstance(new or old, Pod):
            # Both are the same object, before and after.
            self._pod(old, new)  # type: ignore[arg-type]
        elif isinstance(old, Node) and isinstance(new, Node) and not self._stale and _same_room(old, new):
            self.cluster.renew(new)
            self._forget()
            if old.spec != new.spec:
                self._retry()
        else:
            self._stale = True
            self._forget()
            self._retry()
            self._active.update(self._too_large)
            self._too_large.clear()

    def _pod(self, old: Pod | None, new: Pod | None) -> None:
        before, after = _placed(old), _placed(new)
        if before is not None and after is not None and before.spec is after.spec:
            self._stays(before, after)
            return
        if before is not after:
            self._move(before, after)
        metadata = (new or old).metadata  # type: ignore[union-attr]
        key = (metadata.namespace, metadata.name)
        if before is not None and new is None:
            pass  # it has not waited since it was placed
        elif new is None or not self._serves(new):
            self._active.pop(key, None)
            self._aside.discard(key)
            self._too_large.pop(key, None)
            self._memory.gone(key)
            self._tried.pop(key, None)
            if new is None or new.spec.node_name:
                self._turn.pop(key, None)
            elif old is None:
                self._queue(key)
        elif old is None or _spec_changed(old, new):
            self._aside.discard(key)
            self._too_large.pop(key, None)
            self._active[key] = None
            if key not in self._turn:
                self._queue(key)
        nominated = old.status.nominated_node_name if old is not None else ""
        wanted = new.status.nominated_node_name if new is not None else ""
        if nominated or wanted:
            if nominated != wanted:
                self._memory.forget()
            self.nominations.changed(old, new)
        self._wake(before, after, old, new)

    def _stays(self, before: Pod, after: Pod) -> None:
        """It has not waited since it was placed, and waits for nothing now."""
        if before.status is not after.status and (is_resized(before) or is_resized(after)):
            self._move(before, after)
        else:
            node = self.cluster.index.get(after.spec.node_name)
            if before.metadata is after.metadata or _same_to_others(before.metadata, after.metadata):
                if node is not None:
                    self.cluster.renew_pod(after, node)
                return
            self._forget()
            if node is not None:
                self.cluster.regroup(before, after, node)
        if before.metadata.labels is not after.metadata.labels:
            self._wake(before, after, before, after)

    def _serves(self, pod: Pod) -> bool:
        return _waits(pod) and pod.spec.scheduler_name in self._served

    @property
    def may_flush(self) -> bool:
        """A pod that waits for it may fit by now."""
        return any(changes != self._memory.changes for changes in self._tried.values())

    def flush(self, key: Key) -> None:
        """Tried again, if it still waits."""
        if self._aside.discard(key):
            self._active[key] = None

    def _queue(self, key: Key) -> None:
        self._turns += 1
        self._turn[key] = self._turns

    def _move(self, before: Pod | None, after: Pod | None) -> None:
        self._memory.forget()
        if (
            before is None
            and after is not None
            and self._binding
            and self._binding[0] == (after.metadata.namespace, after.metadata.name)
        ):
            self._bind(after, self._binding[1])
            return
        self._filler = None
        for pod, sign, act in ((before, -1, self.cluster.remove), (after, 1, self.cluster.place)):
            if pod is not None:
                self._priorities[priority(pod)] += sign
                if pod.spec.node_name in self.cluster.index:
                    act(pod, self.cluster.index[pod.spec.node_name])

    def _bind(self, pod: Pod, kind: PodKind) -> None:
        """As this round has just decided."""
        self._priorities[priority(pod)] += 1
        node = self.cluster.index[pod.spec.node_name]
        plain = not pod.status.container_statuses and not pod.status.init_container_statuses
        self.cluster.place(pod, node, kind.reserved if plain else None, kind.group_key)
        if self._filler is not None:
            self._filler.placed(kind, node)

    def _forget(self) -> None:
        self._memory.forget()
        self._filler = None

    def _wake(self, before: Pod | None, after: Pod | None, old: Pod | None, new: Pod | None) -> None:
        """Pods that the change may have made room for are tried again."""
        if not self._aside:
            return
        spaces = self.cluster.namespace_labels
        if before and not after:
            self._retry(lambda plugins, pod, _: hints.by_going(plugins, pod, before, spaces))
        elif after and not before:
            self._retry(lambda plugins, pod, _: hints.by_coming(plugins, pod, after, spaces), near=True)
        elif before and after and before.metadata.labels is not after.metadata.labels and before.labels != after.labels:
            self._retry(lambda plugins, pod, _: hints.by_labels(plugins, pod, before, after, spaces), near=True)
        elif old and not before and not after and _nomination_left(old, new):
            # For pods of equal or lower priority it was as good as placed there.
            most = priority(old)
            self._retry(lambda plugins, pod, own: own <= most and hints.by_going(plugins, pod, old, spaces))

    def _retry(self, helped: Helped | None = None, *, near: bool = False) -> None:
        """All that wait, or those that are helped."""
        self._active.update(dict.fromkeys(self._aside.take(helped, near=near)))

    def round(self, state: State) -> Iterator[Decision]:
        """One for each pod that waits: by priority, then by who has waited longest (PrioritySort)."""
        if self._stale:
            self._renew(state)
        pods = [pod for key in self._active if (pod := state.get(Pod, *key)) is not None]
        self._active = {}
        equals = Counter(map(self._memory.kind, pods)) if len(pods) >= _SEVERAL else {}
        for item in sorted(pods, key=self.order):
            pod = state.get(Pod, item.metadata.namespace, item.metadata.name)  # a decision before may have changed it
            if pod is not None and self._serves(pod):
                decision = self._decide(pod, equals)
                if decision is not None:
                    yield decision
        self._filler = self._binding = None

    def order(self, pod: Pod) -> tuple[int, int]:
        metadata = pod.metadata
        return -(pod.spec.priority or 0), self._turn[metadata.namespace, metadata.name]

    def _decide(self, pod: Pod, equals: Mapping[PodKind, int]) -> Decision | None:
        """None where its status says already what there is to say."""
        alike = self._memory.alike(pod)
        known = self._memory.refused.get(alike) if alike is not None else None
        if alike is not None and known is not None:
            self._set_aside(pod, alike[0], known)
            return None if known.is_said_of(pod) else Decision(pod, "", known.message, known.outcome)
        kind = alike[0] if alike is not None else self._memory.kind(pod)
        self._binding = ((pod.metadata.namespace, pod.metadata.name), kind)
        if alike is not None and equals.get(kind, 0) >= _SEVERAL and not self.nominations.rival(pod):
            self._filler = self._filler or Filler(self.cluster)
            node = self._filler.choose(kind)
            if node is not None and node >= 0:
                return Decision(pod, self.cluster.nodes[node].name, _BEST)
        verdict = judge(self.cluster, pod, self.nominations.filtered, kind, choosing=True)
        nominated = pod.status.nominated_node_name
        if nominated and nominated in verdict.feasible:
            return Decision(pod, nominated, "scheduler: the nominated node is tried first")
        if verdict.feasible:
            return Decision(pod, best(verdict), _BEST)
        return self._refuse(pod, kind, verdict, alike)

    def _set_aside(self, pod: Pod, kind: PodKind, refused: Refused) -> None:
        """Until something changes that may help it."""
        key = (pod.namespace, pod.name)
        self._queue(key)
        if refused.too_large:
            self._too_large[key] = None
        else:
            self._aside.add(key, (refused.plugins, kind, priority(pod)))
            if "InterPodAffinity" in refused.plugins and kind.terms.affinity:
                # The last pod that it was to be near to goes, and it may be the first of its kind: no hint tells of that.
                self.late.append(key)
                self._tried[key] = self._memory.changes

    def _refuse(self, pod: Pod, kind: PodKind, verdict: Verdict, alike: Alike | None) -> Decision:
        outcome = self._after(verdict, alike) if self.cluster.size else Outcome("", "")
        text = message(verdict, self.cluster.size, outcome.message)
        refused = Refused(text, outcome, verdict.plugins, exceeds_every_node(self.cluster, kind))
        self._set_aside(pod, kind, refused)
        if not outcome.victims:
            if alike is not None:
                self._memory.refused[alike] = refused
            return Decision(pod, "", text, outcome)
        demoted: tuple[Pod, ...] = ()
        # Where all victims are ending already, kube-scheduler leaves the other nominations alone (`prepareCandidateAsync`).
        if any(item.metadata.deletion_timestamp is None for item in outcome.victims):
            on = self.nominations.on(outcome.nominate or "")
            demoted = tuple(item for item in on if priority(item) < priority(pod))
        return Decision(pod, "", text, outcome, demoted)

    def _after(self, verdict: Verdict, alike: Alike | None) -> Outcome:
        """PostFilter: DynamicResources, which stops at what its PreFilter has not left where one before it refused the pod; then preemption."""
        if verdict.whole:
            return Outcome(_NOTHING_LEFT, None)
        pod = verdict.pod
        lowest = min((each for each, count in self._priorities.items() if count > 0), default=priority(pod))
        return preempt(self.cluster, verdict, self.nominations, lowest, self._memory.tried(alike))

    def _renew(self, state: State) -> None:
        """Nodes, claims or others that the cluster was built from have changed."""
        self.cluster = Cluster(state)
        self._memory.start_anew()
        self._filler = None
        self._stale = False


_BEST = "scheduler: highest score"
# What kube-scheduler's cycle state says of what was not written to it.
_NOTHING_LEFT = "not found"


def best(verdict: Verdict) -> str:
    """The highest total; among equals the first by name (kube-scheduler takes one at random). Where one node is left, nothing was scored."""
    return verdict.feasible[int(np.argmax(verdict.total)) if len(verdict.feasible) > 1 else 0]


def message(verdict: Verdict, size: int, after: str = "") -> str:
    """As in the PodScheduled condition; `after` is what preemption came to."""
    return failed_scheduling(verdict.reasons, size, whole=verdict.whole, after=after)


def _placed(pod: Pod | None) -> Pod | None:
    """A pod that takes room on its node."""
    return pod if pod is not None and pod.spec.node_name and not is_ended(pod) else None


def _waits(pod: Pod) -> bool:
    """For a scheduler: a gated pod is not tried until its gates are removed (plugin SchedulingGates, PreEnqueue)."""
    return (
        not pod.spec.node_name
        and not pod.spec.scheduling_gates
        and pod.metadata.deletion_timestamp is None
        and not is_ended(pod)
    )


def _same_to_others(old: Metadata, new: Metadata) -> bool:
    alike = old.labels is new.labels or old.labels == new.labels
    return alike and (old.deletion_timestamp is None) == (new.deletion_timestamp is None)


def _same_room(old: Node, new: Node) -> bool:
    """A cordon, a taint or a condition changed, and nothing that the arrays are made from."""
    return (
        old.labels == new.labels
        and old.status.allocatable == new.status.allocatable
        and old.status.images == new.status.images
        and old.status.declared_features == new.status.declared_features
    )


def _spec_changed(old: Pod, new: Pod) -> bool:
    return (old.spec is not new.spec and old.spec != new.spec) or old.metadata.labels != new.metadata.labels


def _age(pod: Pod) -> tuple[datetime, str, str]:
    return (pod.metadata.creation_timestamp or EARLIEST, pod.namespace, pod.name)


def _nomination_left(old: Pod, new: Pod | None) -> bool:
    before = old.status.nominated_node_name
    return bool(before) and (new is None or new.status.nominated_node_name != before)
