"""What becomes of a pod's claims on a node. Source: kube-scheduler's volume binder and component-helpers `FindMatchingVolume`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from seakeep.model.objects import (
    CSIDriver,
    CSINode,
    CSIStorageCapacity,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    StorageClass,
)
from seakeep.model.objects.base import Metadata, Quantities
from seakeep.model.objects.pods import Volume
from seakeep.model.quantity import QuantityError, value
from seakeep.twin.labels import compile_selector, matches_terms
from seakeep.twin.scheduler.migration import affinity, migrated
from seakeep.twin.state import State

BOUND = "pv.kubernetes.io/bind-completed"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_NO_PROVISIONER = "kubernetes.io/no-provisioner"
_NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
_BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
_NO_SPACE = "node(s) did not have enough free storage"
_NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"


def claim_name(pod: Pod, volume: Volume) -> str:
    """The claim that a volume of a pod uses; a generic ephemeral volume's is named after pod and volume. "": none."""
    if volume.persistent_volume_claim is not None:
        return volume.persistent_volume_claim.claim_name
    return f"{pod.name}-{volume.name}" if volume.ephemeral is not None else ""


def uses_claims(pod: Pod) -> bool:
    return any(item.persistent_volume_claim is not None or item.ephemeral is not None for item in pod.spec.volumes)


def class_of(claim: PersistentVolumeClaim) -> str:
    return claim.metadata.annotations.get(_BETA_CLASS, claim.spec.storage_class_name or "")


def _storage(quantities: Quantities) -> int:
    try:
        return value(quantities.get("storage", 0))
    except QuantityError:
        return 0


@dataclass(frozen=True, slots=True)
class OnNode:
    """Why claims cannot be had on a node, and (requested, capacity) by class of what would be bound or provisioned there."""

    reasons: frozenset[str]
    use: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Claims:
    """The claims of one pod against one state."""

    def __init__(self, objects: State, pod: Pod) -> None:
        self._objects, self._pod = objects, pod
        self._on: dict[str, OnNode] = {}

    def get(self, name: str) -> PersistentVolumeClaim | None:
        return self._objects.get(PersistentVolumeClaim, self._pod.namespace, name)

    @cached_property
    def all(self) -> tuple[PersistentVolumeClaim, ...]:
        names = [claim_name(self._pod, volume) for volume in self._pod.spec.volumes]
        return tuple(claim for name in names if name and (claim := self.get(name)))

    @cached_property
    def named(self) -> tuple[PersistentVolumeClaim, ...]:
        """Without those of generic ephemeral volumes."""
        names = [
            volume.persistent_volume_claim.claim_name
            for volume in self._pod.spec.volumes
            if volume.persistent_volume_claim
        ]
        return tuple(claim for name in names if (claim := self.get(name)))

    @cached_property
    def _bound(self) -> tuple[PersistentVolumeClaim, ...]:
        return tuple(item for item in self.all if item.spec.volume_name and BOUND in item.metadata.annotations)

    @cached_property
    def _delayed(self) -> tuple[PersistentVolumeClaim, ...]:
        return tuple(
            item for item in self.all if item not in self._bound and not item.spec.volume_name and self._waits(item)
        )

    def _waits(self, claim: PersistentVolumeClaim) -> bool:
        found = self._objects.get(StorageClass, "", class_of(claim))
        return found is not None and found.volume_binding_mode == "WaitForFirstConsumer"

    @property
    def unbound_immediate(self) -> bool:
        return len(self.all) > len(self._bound) + len(self._delayed)

    def on(self, node: Node) -> OnNode:
        known = self._on.get(node.name)
        if known is None:
            known = self._on[node.name] = self._judge(node)
        return known

    def _judge(self, node: Node) -> OnNode:
        reasons = self._bound_reasons(node)
        provision: list[PersistentVolumeClaim] = []
        match: list[PersistentVolumeClaim] = []
        for claim in self._delayed:
            selected = claim.metadata.annotations.get(SELECTED_NODE)
            if selected is None:
                match.append(claim)
            elif selected != node.name:
                return OnNode(reasons | {_BIND_CONFLICT})
            else:
                provision.append(claim)
        chosen: dict[str, tuple[PersistentVolumeClaim, PersistentVolume]] = {}
        for claim in sorted(match, key=lambda item: _storage(item.spec.resources.requests)):
            volume = self._match(claim, node, chosen)
            if volume is None:
                provision.append(claim)
            else:
                chosen[volume.name] = (claim, volume)
        use: dict[str, tuple[int, int]] = {}
        for claim, volume in chosen.values():
            requested, capacity = use.get(volume.spec.storage_class_name, (0, 0))
            use[volume.spec.storage_class_name] = (
                requested + _storage(claim.spec.resources.requests),
                capacity + _storage(volume.spec.capacity),
            )
        for claim in provision:
            refused, capacity_ = self._provision(claim, node)
            if refused:
                return OnNode(reasons | {refused})
            if not chosen and capacity_ is not None:
                name = class_of(claim)
                use[name] = (use.get(name, (0, 0))[0] + _storage(claim.spec.resources.requests), capacity_)
        return OnNode(reasons, use)

    def _bound_reasons(self, node: Node) -> frozenset[str]:
        """The first bound claim that is in the way decides."""
        plugins = migrated(self._objects.get(CSINode, "", node.name))
        for claim in self._bound:
            volume = self._objects.get(PersistentVolume, "", claim.spec.volume_name)
            if volume is None:
                return frozenset({_NO_VOLUME})
            if not _reaches(volume, node, plugins):
                return frozenset({_NODE_CONFLICT})
        return frozenset()

    def _match(self, claim: PersistentVolumeClaim, node: Node, taken: Mapping[str, object]) -> PersistentVolume | None:
        """The smallest volume that fits; one that is already reserved for the claim before all others."""
        wanted = _storage(claim.spec.resources.requests)
        best: tuple[int, PersistentVolume] | None = None
        for volume in self._objects.all(PersistentVolume):
            if volume.name in taken or volume.spec.storage_class_name != class_of(claim):
                continue
            owner = volume.spec.claim_ref
            mine = owner is not None and (owner.name, owner.namespace) == (claim.name, claim.namespace)
            if owner is not None and (not mine or (owner.uid and owner.uid != claim.metadata.uid)):
                continue
            size = _storage(volume.spec.capacity)
            if size < wanted or (claim.spec.volume_mode or "Filesystem") != (volume.spec.volume_mode or "Filesystem"):
                continue
            if claim.spec.volume_attributes_class_name != volume.spec.volume_attributes_class_name:
                continue
            if volume.metadata.deletion_timestamp is not None:
                continue
            if mine:
                return volume if _reaches(volume, node) else None
            if volume.status.phase != "Available" or not _reaches(volume, node):
                continue
            if claim.spec.selector is not None and not compile_selector(claim.spec.selector).matches(volume.labels):
                continue
            if not set(claim.spec.access_modes) <= set(volume.spec.access_modes):
                continue
            if best is None or size < best[0]:
                best = (size, volume)
        return best[1] if best else None

    def _provision(self, claim: PersistentVolumeClaim, node: Node) -> tuple[str, int | None]:
        """Why a new volume cannot be made for the node, or the room that its storage pool tells of."""
        found = self._objects.get(StorageClass, "", class_of(claim))
        if found is None or found.provisioner in {"", _NO_PROVISIONER}:
            return _BIND_CONFLICT, None
        terms = found.allowed_topologies
        if terms and not any(
            all(node.labels.get(item.key) in item.values for item in term.match_label_expressions)
            for term in terms
            if term.match_label_expressions
        ):
            return _BIND_CONFLICT, None
        driver = self._objects.get(CSIDriver, "", found.provisioner)
        if driver is None or not driver.spec.storage_capacity:
            return "", None
        if "storage" not in claim.spec.resources.requests:
            return "", None
        wanted = _storage(claim.spec.resources.requests)
        for pool in self._objects.all(CSIStorageCapacity):
            limit = pool.maximum_volume_size if pool.maximum_volume_size is not None else pool.capacity
            if pool.storage_class_name != found.name or pool.node_topology is None or limit is None:
                continue
            if value(limit) >= wanted and compile_selector(pool.node_topology).matches(node.labels):
                return "", value(pool.capacity) if pool.capacity is not None else 0
        return _NO_SPACE, None


def is_owned(claim: PersistentVolumeClaim, pod: Pod) -> bool:
    """A generic ephemeral volume's claim belongs to its pod."""
    return any(item.uid == pod.metadata.uid and item.controller for item in claim.metadata.owner_references)


def foreign(claim: PersistentVolumeClaim, pod: Pod) -> str:
    return f"PVC {claim.namespace}/{claim.name} was not created for pod {pod.namespace}/{pod.name} (pod is not owner)"


def _reaches(volume: PersistentVolume, node: Node, plugins: frozenset[str] = frozenset()) -> bool:
    """By the node's labels alone: kube-scheduler does not hand on its name, so that fields do not count (`CheckNodeAffinity`)."""
    found = affinity(volume, plugins)
    required = found.required if found is not None else None
    nameless = Node(metadata=Metadata(labels=node.labels))
    return required is None or matches_terms(required.node_selector_terms, nameless)
