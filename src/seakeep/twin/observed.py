"""A twin that stops at every moment at which something happens, so that somebody can look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import KubeObject, Pod
from seakeep.model.refs import Ref
from seakeep.twin.controller import View
from seakeep.twin.kubelet.faults import Recorded, no_faults, root_of
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.moments import after
from seakeep.twin.names import Suffixes
from seakeep.twin.world import Twin, Unsettled


class Observed(Twin):
    """`seen` is called after the work of each moment; a branch has none until it is given its own. Names go on from the branch's own place, whatever other branches do."""

    seen: Callable[[], None] | None = None

    def branch(self) -> Observed:
        other = super().branch()
        assert isinstance(other, Observed)  # noqa: S101 - copy() keeps the class
        other.seen = None
        if isinstance(self._suffix, Suffixes):
            other._suffix = self._suffix.branch()  # noqa: SLF001 - its own copy
        return other

    def fails(self, pod: Pod) -> bool:
        """What the snapshot showed as failing fails again, although its containers may run at this moment: between two crashes they count as ready."""
        kubelet = self._controllers.get("kubelet")
        if not isinstance(kubelet, Kubelet) or kubelet.faults is no_faults:
            return False
        if isinstance(kubelet.faults, Recorded) and root_of(self.state, pod) not in kubelet.faults.known:
            return False
        return kubelet.faults(View(self.state, self.now, self.settings, self.refused, self._suffix), pod) is not None

    def steady(self) -> dict[str, Mapping[tuple[str, str], KubeObject]]:
        """The objects as they are between crashes that go on: a pod that fails is not ready."""
        found = dict(self.state.objects())
        pods = {
            key: _unready(pod) if isinstance(pod, Pod) and is_ready(pod) and self.fails(pod) else pod
            for key, pod in found.get("Pod", {}).items()
        }
        return {**found, "Pod": pods} if pods else found

    def settle(self, within: float | None = None) -> Unsettled | None:
        if self.seen is None or within is None:
            found = super().settle(within)
            if self.seen is not None:
                self.seen()
            return found
        end = after(self.now, within)
        first, pause = len(self.steps), 0.0
        while True:
            stuck = super().settle(pause)
            self.seen()
            if stuck is not None or len(self.steps) - first > self.settings.most_steps:
                return stuck or Unsettled(len(self.steps) - first, changing(self, first))
            due = self.due
            if due is None or after(self.now, due) > end:
                break
            pause = due
        self._turn_to(end)
        return None


def _unready(pod: Pod) -> Pod:
    conditions = tuple(
        replace(item, status="False") if item.type in {"Ready", "ContainersReady"} else item
        for item in pod.status.conditions
    )
    statuses = tuple(replace(item, ready=False) for item in pod.status.container_statuses)
    return replace(pod, status=replace(pod.status, conditions=conditions, container_statuses=statuses))


def changing(twin: Twin, first: int, most: int | None = 5) -> tuple[tuple[Ref, int], ...]:
    """The objects that changed or had others made most often since a step, with how often; retries of what was refused are no change."""
    first = max(first, len(twin.steps) - 10_000)
    found = Counter(step.object for step in twin.steps[first:] if step.what != "FailedCreate")
    found.update(ref for at, ref in twin.made if at > first)
    return tuple(found.most_common(most))
