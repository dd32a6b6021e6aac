"""Waiting pods that the scheduler cannot tell apart, and what it found of the last of them: their equals are answered from memory until something changes that it looks at."""

from __future__ import annotations

from msgspec import Struct

from seakeep.model.objects import Condition, Pod
from seakeep.twin.scheduler.kinds import Kinds, PodKind
from seakeep.twin.scheduler.nominations import priority
from seakeep.twin.scheduler.preemption import Outcome, Tried

Key = tuple[str, str]
Alike = tuple[PodKind, int, str]
UNSCHEDULABLE = Condition(type="PodScheduled", status="False", reason="Unschedulable")
# Of so many sorts of pods it is remembered on which nodes preemption does not help.
_MOST = 64


class Refused(Struct, frozen=True):
    """Of a pod that fits nowhere and for which nobody can make room."""

    message: str
    outcome: Outcome
    plugins: frozenset[str]
    too_large: bool

    def is_said_of(self, pod: Pod) -> bool:
        """Its status says just this already."""
        said = next((item for item in pod.status.conditions if item.type == "PodScheduled"), None)
        return (
            said is not None
            and pod.status.phase == "Pending"
            and said.message == self.message
            and (said.status, said.reason) == (UNSCHEDULABLE.status, UNSCHEDULABLE.reason)
        )


class Memory:
    """What is remembered of kinds of pods. `forget` when anything changed that filters look at."""

    __slots__ = ("_kinds", "_known", "_tried", "changes", "refused")

    def __init__(self) -> None:
        self.refused: dict[Alike, Refused] = {}
        self.changes = 0
        self._kinds = Kinds()
        self._known: dict[Key, tuple[object, object, PodKind]] = {}
        self._tried: dict[Alike, Tried] = {}

    def branch(self) -> Memory:
        """Kinds are shared: they say nothing of the state."""
        other = Memory()
        other.refused, other.changes = dict(self.refused), self.changes
        other._kinds, other._known = self._kinds, dict(self._known)
        other._tried = {alike: dict(tried) for alike, tried in self._tried.items()}
        return other

    def forget(self) -> None:
        self.changes += 1
        if self.refused:
            self.refused.clear()

    def start_anew(self) -> None:
        """The cluster has been made anew."""
        self.forget()
        self._tried.clear()

    def gone(self, key: Key) -> None:
        self._known.pop(key, None)

    def kind(self, pod: Pod) -> PodKind:
        key = (pod.metadata.namespace, pod.metadata.name)
        spec, metadata, kind = self._known.get(key, (None, None, None))
        if kind is None or spec is not pod.spec or metadata is not pod.metadata:
            kind = self._kinds.of(pod)
            self._known[key] = (pod.spec, pod.metadata, kind)
        return kind

    def alike(self, pod: Pod) -> Alike | None:
        """None for a pod that is like no other: one with a nomination, or with a claim that is named after it."""
        if pod.status.nominated_node_name or any(item.ephemeral for item in pod.spec.volumes):
            return None
        return self.kind(pod), priority(pod), pod.spec.preemption_policy or ""

    def tried(self, alike: Alike | None) -> Tried:
        """Nodes where preemption does not help such pods; filled by `preempt`."""
        if alike is None:
            return {}
        if alike not in self._tried and len(self._tried) >= _MOST:
            self._tried.pop(next(iter(self._tried)))
        return self._tried.setdefault(alike, {})
