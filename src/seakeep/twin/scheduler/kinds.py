"""Pods that the scheduler cannot tell apart: equal namespace, labels and specification. What follows from those is worked out once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from seakeep.model.objects import Container, Pod, PodSpec
from seakeep.model.objects.pods import Volume
from seakeep.twin.requests import Reserved, reserved, scored
from seakeep.twin.scheduler.cluster import group_key
from seakeep.twin.scheduler.terms import PodTerms, terms_of

V = TypeVar("V")
# Pods that are remembered by their parts.
_MOST = 8192


@dataclass(eq=False)
class PodKind:
    """`sample` is one pod of the kind; identity is equality."""

    sample: Pod
    _answers: dict[object, Any] = field(default_factory=dict, repr=False)

    def ask(self, question: Callable[[Pod], V]) -> V:
        """The answer for every pod of the kind; `question` must look at nothing that may tell two of them apart. Asked once, since neither kinds nor answers change."""
        if question not in self._answers:
            self._answers[question] = question(self.sample)
        answer: V = self._answers[question]
        return answer

    @cached_property
    def reserved(self) -> Reserved:
        return reserved(self.sample, running=False)

    @cached_property
    def group_key(self) -> tuple[object, ...]:
        return group_key(self.sample)

    @cached_property
    def terms(self) -> PodTerms:
        return terms_of(self.sample)

    @cached_property
    def scored(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(cpu, memory) for LeastAllocated and for BalancedAllocation."""
        return scored(self.sample, nonzero=True, running=False), scored(self.sample, nonzero=False, running=False)


class Kinds:
    """Every kind seen so far. What no plugin asks for tells no pods apart: the names of service-account volumes, which differ from pod to pod, above all."""

    __slots__ = ("_encoder", "_known", "_shared")

    def __init__(self) -> None:
        self._known: dict[bytes, PodKind] = {}
        # Pods that one template made share these: by their ids, with one of the pods, which holds them.
        self._shared: dict[tuple[int, int, str], tuple[Pod, PodKind]] = {}
        self._encoder = msgspec.msgpack.Encoder(order="sorted")

    def of(self, pod: Pod) -> PodKind:
        metadata = pod.metadata
        ids = (id(pod.spec), id(metadata.labels), metadata.namespace)
        shared = self._shared.get(ids)
        if shared is not None and shared[0].metadata.owner_references == metadata.owner_references:
            return shared[1]
        owners = [(item.kind, item.name) for item in metadata.owner_references if item.controller]
        key = self._encoder.encode((metadata.namespace, metadata.labels, owners, _asked(pod.spec)))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = PodKind(pod)
        if len(self._shared) >= _MOST:
            self._shared.clear()
        self._shared[ids] = (pod, known)
        return known


def _asked(spec: PodSpec) -> tuple[object, ...]:
    """What the plugins of the default profile look at."""
    return (
        spec.affinity,
        spec.node_selector,
        spec.tolerations,
        spec.topology_spread_constraints,
        spec.scheduling_gates,
        spec.host_network,
        spec.host_users,
        spec.overhead,
        spec.resources,
        [item for item in spec.volumes if item.image or item.csi or is_bound_to_nodes(item)],
        [_container(item) for item in spec.containers],
        [_container(item) for item in spec.init_containers],
    )


def is_bound_to_nodes(volume: Volume) -> bool:
    """Claims and disks decide where a pod can go; other volumes are made wherever it goes."""
    return bool(
        volume.persistent_volume_claim
        or volume.ephemeral
        or volume.gce_persistent_disk
        or volume.aws_elastic_block_store
        or volume.rbd
        or volume.iscsi
        or volume.azure_disk
        or volume.cinder
        or volume.portworx_volume
    )


def _container(item: Container) -> tuple[object, ...]:
    mounts = [each.bind_mount_options for each in item.volume_mounts if each.bind_mount_options]
    return item.image, item.resources, item.ports, item.restart_policy, item.restart_policy_rules, mounts
