"""The state as the scheduler sees it: arrays over nodes, and placed pods grouped by what makes them alike to other pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Namespace, Node, Pod
from seakeep.model.objects.pods import Affinity
from seakeep.twin.labels import Labels
from seakeep.twin.memo import by_identities
from seakeep.twin.requests import Reserved, amounts, is_scalar, reserved
from seakeep.twin.scheduler.terms import PodTerms, terms_of
from seakeep.twin.state import State

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


@dataclass(frozen=True, slots=True)
class NodeKinds:
    """Groups of nodes: one node's index for each, and each node's group. What holds for one of a group holds for all."""

    samples: Ints
    group: Ints

    @classmethod
    def of(cls, codes: Ints) -> NodeKinds:
        _, samples, group = np.unique(codes, return_index=True, return_inverse=True)
        return cls(samples, group)


class PodGroup(Struct, eq=False):
    """Placed pods with equal namespace, labels and affinity; `on` counts them by node index."""

    namespace: str
    labels: Labels
    terms: PodTerms
    terminating: bool
    on: dict[int, int] = {}

    def counts(self, size: int) -> Ints:
        found = np.zeros(size, dtype=np.int64)
        for node, count in self.on.items():
            found[node] = count
        return found


class Cluster:
    """Nodes by name, with what the placed pods take. `place` and `remove` keep it current; objects besides nodes and pods are asked of the state.

    `branch` shares everything with its origin until one of them changes it.
    """

    __slots__ = (
        "_domains",
        "_keys_in",
        "_node_kinds",
        "_owned_spaces",
        "_speaking",
        "_taint_kinds",
        "allocatable",
        "allowed_pods",
        "by_taints",
        "changes",
        "claims_in_use",
        "everywhere",
        "groups",
        "images",
        "index",
        "names",
        "namespace_labels",
        "nodes",
        "nonzero_cpu",
        "nonzero_memory",
        "objects",
        "owned_groups",
        "owned_nodes",
        "pod_count",
        "pods_on",
        "requested",
        "size",
    )

    def __init__(self, objects: State) -> None:
        self.objects = objects
        self.nodes: tuple[Node, ...] = tuple(sorted(objects.all(Node), key=lambda node: node.name))
        self.index: Mapping[str, int] = {node.name: position for position, node in enumerate(self.nodes)}
        self.size = len(self.nodes)
        self.everywhere: Mask = np.ones(self.size, dtype=bool)
        self.names: NDArray[np.object_] = np.array([node.name for node in self.nodes], dtype=object)
        self.namespace_labels: Mapping[str, Labels] = {item.name: item.labels for item in objects.all(Namespace)}
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
        # How often each node or its pods have changed.
        self.changes = [0] * self.size
        self.claims_in_use: dict[tuple[str, str], int] = defaultdict(int)
        self.images: dict[str, dict[int, int]] | None = None
        self._domains: dict[str, Domains] = {}
        self._node_kinds: dict[frozenset[str], NodeKinds] = {}
        self._taint_kinds: NodeKinds | None = None
        self.by_taints: dict[object, Any] = {}
        """What was found of all nodes by their taints and cordons, shared by all branches in which these are the same."""
        # Keys of `groups`, so that a question about one pod does not look at all of them.
        self._keys_in: dict[str, dict[tuple[object, ...], None]] = {}
        self._speaking: dict[tuple[object, ...], None] = {}
        self._owned_spaces: set[str] = set()
        # By id: a key is long to look up. What is owned is in `groups`, so that no other group gets its id.
        self.owned_groups: set[int] = set()
        self.owned_nodes: set[int] = set()
        for pod in objects.all(Pod):
            if pod.spec.node_name in self.index and not is_ended(pod):
                self.place(pod, self.index[pod.spec.node_name])

    def branch(self, objects: State) -> Cluster:
        """`objects` is the branch of the state."""
        other = copy(self)
        other.objects = objects
        other.requested = {name: amounts_.copy() for name, amounts_ in self.requested.items()}
        other.nonzero_cpu, other.nonzero_memory = self.nonzero_cpu.copy(), self.nonzero_memory.copy()
        other.pod_count = self.pod_count.copy()
        other.groups, other.pods_on = dict(self.groups), list(self.pods_on)
        other.changes = list(self.changes)
        other._keys_in, other._speaking = dict(self._keys_in), dict(self._speaking)  # noqa: SLF001 - its own copy
        other._owned_spaces, self._owned_spaces = set(), set()  # noqa: SLF001
        other.claims_in_use = self.claims_in_use.copy()
        # Neither side owns a group or a node's pods any more: whoever writes copies first.
        other.owned_groups, other.owned_nodes = set(), set()
        self.owned_groups, self.owned_nodes = set(), set()
        return other

    def alone(self, node: int) -> Cluster:
        """One node with its pods, as a cluster of its own: for questions that no other node has a part in."""
        other, here = copy(self), slice(node, node + 1)
        other.nodes, other.names, other.size = self.nodes[here], self.names[here], 1
        other.everywhere = self.everywhere[here]
        other.index = {self.nodes[node].name: 0}
        other.allocatable = {name: amounts_[here] for name, amounts_ in self.allocatable.items()}
        other.requested = {name: amounts_[here].copy() for name, amounts_ in self.requested.items()}
        other.allowed_pods, other.pod_count = self.allowed_pods[here], self.pod_count[here].copy()
        other.nonzero_cpu, other.nonzero_memory = self.nonzero_cpu[here].copy(), self.nonzero_memory[here].copy()
        other.groups, other.claims_in_use, other.images = {}, self.claims_in_use.copy(), None
        other._domains, other._node_kinds, other._taint_kinds = {}, {}, None  # noqa: SLF001 - its own
        other.by_taints = {}
        other._keys_in, other._speaking, other._owned_spaces = {}, {}, set()  # noqa: SLF001
        other.owned_groups, other.owned_nodes = set(), {0}
        other.pods_on, other.changes = [dict(self.pods_on[node])], [0]
        for pod in other.pods_on[0].values():
            on = other._writable(pod).on  # noqa: SLF001
            on[0] = on.get(0, 0) + 1
        return other

    def renew(self, node: Node) -> None:
        """The node with other taints, cordon or conditions; labels, room and images must be as they were."""
        position = self.index.get(node.name)
        if position is not None:
            if node.spec != self.nodes[position].spec:
                self._taint_kinds, self.by_taints = None, {}
            self.nodes = (*self.nodes[:position], node, *self.nodes[position + 1 :])
            self.changes[position] += 1

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

    def kinds_of_nodes(self, keys: frozenset[str]) -> NodeKinds:
        """Nodes that are equal in these labels. Cached."""
        known = self._node_kinds.get(keys)
        if known is None:
            codes = np.zeros(self.size, dtype=np.int64)
            for key in sorted(keys):
                domains = self.domains(key)
                codes = codes * (len(domains.values) + 1) + domains.codes + 1
            known = self._node_kinds[keys] = NodeKinds.of(codes)
        return known

    @property
    def taint_kinds(self) -> NodeKinds:
        """Nodes with equal taints and equal `spec.unschedulable`. Cached."""
        if self._taint_kinds is None:
            known: dict[object, int] = {}
            codes = [known.setdefault((node.spec.unschedulable, node.spec.taints), len(known)) for node in self.nodes]
            self._taint_kinds = NodeKinds.of(np.array(codes, dtype=np.int64))
        return self._taint_kinds

    def place(self, pod: Pod, node: int, taken: Reserved | None = None, key: tuple[object, ...] | None = None) -> None:
        """`taken` and `key` (see `group_key`) where the caller knows them already."""
        self._charge(pod, node, 1, taken)
        metadata = pod.metadata
        self._pods(node)[metadata.namespace, metadata.name] = pod
        on = self._writable(pod, key).on
        on[node] = on.get(node, 0) + 1

    def remove(self, pod: Pod, node: int) -> None:
        """Undo `place`; the pod must be as it was placed."""
        self._charge(pod, node, -1)
        metadata = pod.metadata
        del self._pods(node)[metadata.namespace, metadata.name]
        self._leave(pod, node)

    def regroup(self, old: Pod, new: Pod, node: int) -> None:
        """The placed pod with other labels, or on its way out: what it takes must be as it was."""
        self._leave(old, node)
        self.renew_pod(new, node)
        on = self._writable(new).on
        on[node] = on.get(node, 0) + 1

    def _leave(self, pod: Pod, node: int) -> None:
        on = self._writable(pod).on
        on[node] -= 1
        if not on[node]:
            del on[node]

    def renew_pod(self, pod: Pod, node: int) -> None:
        """The placed pod with another status: what it takes and what it is to others must be as it was."""
        pods = self._pods(node)
        key = (pod.metadata.namespace, pod.metadata.name)
        del pods[key]
        pods[key] = pod

    def _pods(self, node: int) -> dict[tuple[str, str], Pod]:
        """To write to."""
        self.changes[node] += 1
        if node not in self.owned_nodes:
            self.owned_nodes.add(node)
            self.pods_on[node] = dict(self.pods_on[node])
        return self.pods_on[node]

    def _writable(self, pod: Pod, key: tuple[object, ...] | None = None) -> PodGroup:
        key = key or group_key(pod)
        group = self.groups.get(key)
        if group is None:
            metadata = pod.metadata
            group = PodGroup(
                metadata.namespace, metadata.labels, terms_of(pod), metadata.deletion_timestamp is not None
            )
            self._enter(key, group)
        elif id(group) in self.owned_groups:
            return group
        else:
            group = PodGroup(group.namespace, group.labels, group.terms, group.terminating, dict(group.on))
        self.owned_groups.add(id(group))
        self.groups[key] = group
        return group

    def _enter(self, key: tuple[object, ...], group: PodGroup) -> None:
        if group.namespace not in self._owned_spaces:
            self._owned_spaces.add(group.namespace)
            self._keys_in[group.namespace] = dict(self._keys_in.get(group.namespace, {}))
        self._keys_in[group.namespace][key] = None
        if group.terms.speak:
            self._speaking[key] = None

    def groups_in(self, namespace: str) -> Iterator[PodGroup]:
        """The groups of one namespace."""
        return (self.groups[key] for key in self._keys_in.get(namespace, ()))

    def speaking(self) -> Iterator[PodGroup]:
        """The groups whose pods say something about other pods."""
        return (self.groups[key] for key in self._speaking)

    def _charge(self, pod: Pod, node: int, sign: int, taken: Reserved | None = None) -> None:
        taken = taken or reserved(pod, running=True)
        for name, amount in taken.requests.items():
            if name in _PLAIN or is_scalar(name):
                if name not in self.requested:
                    self.requested[name] = self.zeros()
                self.requested[name][node] += sign * amount
        self.nonzero_cpu[node] += sign * taken.nonzero_cpu
        self.nonzero_memory[node] += sign * taken.nonzero_memory
        self.pod_count[node] += sign
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim:
                self.claims_in_use[pod.namespace, volume.persistent_volume_claim.claim_name] += sign

    def summed(self, groups: Iterable[PodGroup]) -> Ints:
        """Pods of the groups by node."""
        found = self.zeros()
        for group in groups:
            for node, count in group.on.items():
                found[node] += count
        return found


def group_key(pod: Pod) -> tuple[object, ...]:
    """What pods of one group share."""
    metadata = pod.metadata
    return (metadata.namespace, *_traits(metadata.labels, pod.spec.affinity), metadata.deletion_timestamp is not None)


@by_identities
def _traits(labels: Labels, affinity: Affinity | None) -> tuple[object, object]:
    terms: object = None
    if affinity is not None and (affinity.pod_affinity is not None or affinity.pod_anti_affinity is not None):
        # Structs with maps inside are not hashable.
        terms = msgspec.msgpack.encode((affinity.pod_affinity, affinity.pod_anti_affinity))
    return tuple(sorted(labels.items())), terms
