"""What the snapshot's metrics say of containers, carried over to the pods that come after: what autoscalers and the out-of-memory killer go by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seakeep.facts.workloads.podstate import containers
from seakeep.model.objects import Container, Pod
from seakeep.model.quantity import QuantityError, milli
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.controller import View
from seakeep.twin.kubelet.faults import root_of
from seakeep.twin.state import State

# Bytes that a container uses, where a scenario or a template says so: seakeep.dev/memory.CONTAINER: 600Mi.
DECLARED = "seakeep.dev/memory."
Used = tuple[int, int]  # millicores, bytes
# Bytes of memory that a container uses, where that is known.
Memory = Callable[[State, Pod, Container], int | None]


class Measured:
    """Usage is known of pods that were measured; the load of a workload is shared by its pods that run, once these are others than those that were measured."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._by_pod: dict[tuple[str, str], dict[str, Used]] = defaultdict(dict)
        self._pods: dict[Ref, set[str]] = defaultdict(set)
        self._most: dict[tuple[Ref, str], int] = {}
        for item in snapshot.usage:
            if item.namespace:
                self._by_pod[item.namespace, item.name][item.container] = (item.cpu, item.memory)
        state = State(snapshot.objects) if self._by_pod else State({})
        for pod in snapshot.all(Pod) if self._by_pod else ():
            used = self._by_pod.get((pod.namespace, pod.name))
            if used is not None:
                root = root_of(state, pod)
                self._pods[root].add(pod.name)
                self._note(root, pod, used)

    def _note(self, root: Ref, pod: Pod, used: Mapping[str, Used]) -> None:
        """A reading above the limit that the container ran with is none: it would not run."""
        for item in containers(pod.spec):
            found = used.get(item.name)
            most = limit_of(item)
            if found is not None and (most is None or found[1] <= most):
                self._most[root, item.name] = max(self._most.get((root, item.name), 0), found[1])

    # For autoscalers

    def per_pod(self, view: View, metric: Mapping[str, Any], pods: Sequence[Pod]) -> Mapping[str, int]:
        """Of cpu and memory; other metrics of pods were not recorded."""
        kind = str(metric.get("type", ""))
        source = metric.get(kind[:1].lower() + kind[1:]) or {}
        name, container = str(source.get("name", "")), str(source.get("container", ""))
        if kind not in {"Resource", "ContainerResource"} or name not in {"cpu", "memory"}:
            return {}
        running = [pod for pod in pods if pod.status.phase == "Running"]
        roots = {root_of(view.state, pod) for pod in running}
        names = {pod.name for pod in running}
        found: dict[str, int] = {}
        for root in sorted(roots):
            known = self._pods.get(root, set())
            amounts = {pod: self._amount((root.namespace, pod), name, container) for pod in sorted(known)}
            mine = [pod.name for pod in running if root_of(view.state, pod) == root]
            if known and known == names:
                found |= amounts
            elif known and mine:
                found |= dict.fromkeys(mine, sum(amounts.values()) // len(mine))
        return found

    def _amount(self, pod: tuple[str, str], resource: str, container: str) -> int:
        """In thousandths, as autoscalers count."""
        used = self._by_pod[pod]
        chosen = [used[container]] if container in used else [] if container else list(used.values())
        if not container and "" in used:
            chosen = [used[""]]  # the pod as a whole
        return sum(cpu if resource == "cpu" else memory * 1000 for cpu, memory in chosen)

    def value(self, view: View, metric: Mapping[str, Any]) -> int | None:
        """Object and external metrics were not recorded."""
        del view, metric
        return None

    # For kubelets

    def memory(self, state: State, pod: Pod, container: Container) -> int | None:
        declared = pod.metadata.annotations.get(DECLARED + container.name)
        if declared is not None:
            try:
                return milli(declared) // 1000
            except QuantityError:
                pass
        return self._most.get((root_of(state, pod), container.name)) if self._most else None


def limit_of(container: Container) -> int | None:
    try:
        return milli(container.resources.limits["memory"]) // 1000 if "memory" in container.resources.limits else None
    except QuantityError:
        return None


def unknown_memory(state: State, pod: Pod, container: Container) -> int | None:
    """Nothing is declared."""
    del state, pod, container
    return None


def exceeds(memory: Memory, state: State, pod: Pod, container: Container) -> bool:
    """Its memory is above its limit."""
    if memory is unknown_memory or "memory" not in container.resources.limits:
        return False
    used, limit = memory(state, pod, container), limit_of(container)
    return used is not None and limit is not None and used > limit
