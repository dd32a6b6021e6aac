"""The state as the scheduler sees it: arrays over nodes, and placed pods grouped by what makes them alike to other pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seakeep.model.objects import Namespace, Node, Pod
from seakeep.model.objects.pods import PodAffinity
from seakeep.model.snapshot import Snapshot
from seakeep.twin.labels import Labels
from seakeep.twin.requests import amounts, is_scalar, reserved
from seakeep.twin.scheduler.terms import PodTerms, terms_of

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
_PLAIN = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True, slots=True)
class Domains:
    """The values of one node label: `codes` has each node's value as an index into `values`, -1 where the node lacks the label."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]

    @property
    def present(self) -> Mask:
        return self.codes >= 0


@dataclass(slots=True, eq=False)
class PodGroup:
    """Placed pods with equal namespace, labels and affinity; `on` counts them by node index."""

    namespace: str
    labels: Labels
    terms: PodTerms
    terminating: bool
    on: dict[int, int] = field(default_factory=dict)

    def counts(self, size: int) -> Ints:
        found = np.zeros(size, dtype=np.int64)
        for node, count in self.on.items():
            found[node] = count
        return found


class Cluster:
    """Nodes by name, with what the placed pods take. `place` and `remove` keep it current; objects besides nodes and pods come from the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.nodes: tuple[Node, ...] = tuple(sorted(snapshot.all(Node), key=lambda node: node.name))
        self.index: Mapping[str, int] = {node.name: position for position, node in enumerate(self.nodes)}
        self.size = len(self.nodes)
        self.namespace_labels: Mapping[str, Labels] = {item.name: item.labels for item in snapshot.all(Namespace)}
        self.allocatable: dict[str, Ints] = {name: self.zeros() for name in _PLAIN}
        self.allowed_pods = self.zeros()
        for position, node in enumerate(self.nodes):
            for name, amount in amounts(node.status.allocatable).items():
                if name == "pods":
                    self.allowed_pods[position] = amount
                elif name in _PLAIN or is_scalar(name):
                    self.allocatable.setdefault(name, self.zeros())[position] = amount
        self.requested: dict[str, Ints] = {name: self.zeros() for name in self.allocatable}
        self.nonzero_cpu, self.nonzero_memory, self.pod_count = self.zeros(), self.zeros(), self.zeros()
        self.groups: dict[tuple[object, ...], PodGroup] = {}
        self.pods_on: list[dict[tuple[str, str], Pod]] = [{} for _ in self.nodes]
        self.claims_in_use: dict[tuple[str, str], int] = defaultdict(int)
        self.images: dict[str, dict[int, int]] | None = None
        self._domains: dict[str, Domains] = {}
        for pod in snapshot.all(Pod):
            if pod.spec.node_name in self.index and pod.status.phase not in {"Succeeded", "Failed"}:
                self.place(pod, self.index[pod.spec.node_name])

    def zeros(self) -> Ints:
        return np.zeros(self.size, dtype=np.int64)

    def domains(self, key: str) -> Domains:
        """Cached: node labels do not change while pods are placed."""
        known = self._domains.get(key)
        if known is None:
            values = tuple(sorted({node.labels[key] for node in self.nodes if key in node.labels}))
            position = {value: number for number, value in enumerate(values)}
            codes = np.fromiter(
                (position.get(node.labels.get(key, ""), -1) if key in node.labels else -1 for node in self.nodes),
                dtype=np.int32,
                count=self.size,
            )
            known = self._domains[key] = Domains(codes, values)
        return known

    def place(self, pod: Pod, node: int) -> None:
        self._charge(pod, node, 1)
        self.pods_on[node][pod.namespace, pod.name] = pod
        group = self.group_of(pod)
        group.on[node] = group.on.get(node, 0) + 1

    def remove(self, pod: Pod, node: int) -> None:
        self._charge(pod, node, -1)
        del self.pods_on[node][pod.namespace, pod.name]
        group = self.group_of(pod)
        group.on[node] -= 1
        if not group.on[node]:
            del group.on[node]

    def _charge(self, pod: Pod, node: int, sign: int) -> None:
        taken = reserved(pod, running=True)
        for name, amount in taken.requests.items():
            if name in _PLAIN or is_scalar(name):
                self.requested.setdefault(name, self.zeros())[node] += sign * amount
        self.nonzero_cpu[node] += sign * taken.nonzero_cpu
        self.nonzero_memory[node] += sign * taken.nonzero_memory
        self.pod_count[node] += sign
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim:
                self.claims_in_use[pod.namespace, volume.persistent_volume_claim.claim_name] += sign

    def group_of(self, pod: Pod) -> PodGroup:
        affinity = pod.spec.affinity
        pair: tuple[PodAffinity | None, PodAffinity | None] = (
            (affinity.pod_affinity, affinity.pod_anti_affinity) if affinity else (None, None)
        )
        terminating = pod.metadata.deletion_timestamp is not None
        key = (pod.namespace, tuple(sorted(pod.labels.items())), _frozen(pair), terminating)
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = PodGroup(pod.namespace, pod.labels, terms_of(pod), terminating)
        return group

    def summed(self, groups: Iterable[PodGroup]) -> Ints:
        """Pods of the groups by node."""
        found = self.zeros()
        for group in groups:
            for node, count in group.on.items():
                found[node] += count
        return found


def _frozen(pair: tuple[PodAffinity | None, PodAffinity | None]) -> object:
    """A key for affinity; structs with maps inside are not hashable."""
    if pair == (None, None):
        return None
    import msgspec

    return msgspec.msgpack.encode(pair)
