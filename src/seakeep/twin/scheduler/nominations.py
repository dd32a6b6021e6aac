"""Pods that wait for a node which was promised to them, and filters that count them there. Source: kube-scheduler's nominator and `RunFilterPluginsWithNominatedPods`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Pod
from seakeep.twin.scheduler import interpod, spread
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.plugin import Cycle
from seakeep.twin.scheduler.profile import Filtered, filtered

Key = tuple[str, str]


def priority(pod: Pod) -> int:
    return pod.spec.priority or 0


class Nominations:
    """`status.nominatedNodeName` of pending pods, by node."""

    __slots__ = ("_on",)

    def __init__(self, on: Mapping[str, Mapping[Key, Pod]] | None = None) -> None:
        self._on = {node: dict(pods) for node, pods in (on or {}).items()}

    def branch(self) -> Nominations:
        return Nominations(self._on)

    def changed(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and _nominated(old):
            pods = self._on.get(old.status.nominated_node_name, {})
            pods.pop((old.namespace, old.name), None)
            if not pods:
                self._on.pop(old.status.nominated_node_name, None)
        if new is not None and _nominated(new):
            self._on.setdefault(new.status.nominated_node_name, {})[new.namespace, new.name] = new

    def on(self, node: str) -> list[Pod]:
        found = self._on.get(node)
        return [found[key] for key in sorted(found)] if found else []

    def rivals(self, pod: Pod, node: str) -> list[Pod]:
        """Those that count as placed on the node when this pod is filtered: of equal or higher priority, but itself."""
        own = (pod.namespace, pod.name)
        return [
            item for item in self.on(node) if priority(item) >= priority(pod) and (item.namespace, item.name) != own
        ]

    def rival(self, pod: Pod) -> bool:
        """Whether the pod has a rival on any node."""
        return any(self.rivals(pod, node) for node in self._on)

    def filtered(self, cycle: Cycle) -> Filtered:
        """A node must let the pod in with its nominated rivals and without them; each node is asked with its own rivals only."""
        found = filtered(cycle)
        cluster, pod = cycle.cluster, cycle.pod
        for node in sorted(self._on):
            position = cluster.index.get(node)
            rivals = self.rivals(pod, node)
            if position is None or not rivals:
                continue
            trial = Trial(cycle, position, far=reaches_far(cycle))
            trial.add(rivals)
            with_rivals = trial.refusal()
            if with_rivals is not None:
                reasons, resolvable, plugin = with_rivals
                found.alive[position] = False
                found.reasons[node], found.plugins[node] = reasons, plugin
                found.hopeless.discard(node)
                if not resolvable:
                    found.hopeless.add(node)
        return found


def _nominated(pod: Pod) -> bool:
    return bool(pod.status.nominated_node_name and not pod.spec.node_name and not is_ended(pod))


Refused = tuple[tuple[str, ...], bool, str]


class Trial:
    """One node with other pods than it has: does the pod pass its filters there?"""

    def __init__(self, cycle: Cycle, node: int, *, far: bool) -> None:
        """`far`: see `reaches_far`."""
        self._pod, self._name = cycle.pod, cycle.cluster.nodes[node].name
        self._cluster: Cluster = cycle.cluster.branch(cycle.cluster.objects) if far else cycle.cluster.alone(node)
        self._node = node if far else 0

    def add(self, pods: Iterable[Pod]) -> None:
        for pod in pods:
            self._cluster.place(pod, self._node)

    def take(self, pods: Iterable[Pod]) -> None:
        for pod in pods:
            self._cluster.remove(pod, self._node)

    def refusal(self) -> Refused | None:
        """(reasons, whether other pods' going could help, plugin); None where it passes."""
        found = filtered(Cycle(self._cluster, self._pod))
        if found.alive[self._node]:
            return None
        return found.reasons[self._name], self._name not in found.hopeless, found.plugins[self._name]

    def passes(self, rivals: list[Pod]) -> Refused | None:
        """As `refusal`, with the nominated rivals on the node and without them."""
        if rivals:
            self.add(rivals)
            refused = self.refusal()
            self.take(rivals)
            if refused is not None:
                return refused
        return self.refusal()


def reaches_far(cycle: Cycle) -> bool:
    """Whether pods of other nodes have a say: hard spread, required terms of either side, claims that one pod may use."""
    return bool(
        spread.hard_constraints(cycle)
        or cycle.terms.affinity
        or cycle.terms.anti_affinity
        or cycle.claims.all
        or interpod.repelling(cycle)
    )
