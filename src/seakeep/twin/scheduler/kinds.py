"""Pods that the scheduler cannot tell apart: equal namespace, labels and specification. What follows from those is worked out once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import msgspec
from msgspec.structs import replace

from seakeep.model.objects import Pod
from seakeep.twin.requests import Reserved, reserved, scored
from seakeep.twin.scheduler.cluster import group_key
from seakeep.twin.scheduler.terms import PodTerms, terms_of


@dataclass(eq=False)
class PodKind:
    """`sample` is one pod of the kind; identity is equality."""

    sample: Pod

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
        return scored(self.sample, nonzero=True), scored(self.sample, nonzero=False)


class Kinds:
    """Every kind seen so far."""

    def __init__(self) -> None:
        self._known: dict[bytes, PodKind] = {}
        self._encoder = msgspec.msgpack.Encoder(order="sorted")

    def of(self, pod: Pod) -> PodKind:
        owners = [(item.kind, item.name) for item in pod.metadata.owner_references if item.controller]
        spec = replace(pod.spec, node_name="") if pod.spec.node_name else pod.spec
        key = self._encoder.encode((pod.namespace, pod.labels, owners, spec))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = PodKind(pod)
        return known
