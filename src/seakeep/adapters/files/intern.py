"""Shares equal parts between pods: replicas of one workload differ in little but name, node and times."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from seakeep.model.objects import Pod

T = TypeVar("T")


class Interner:
    """Values by their encoded form. Kept only while one list is loaded."""

    def __init__(self) -> None:
        self._known: dict[bytes, Any] = {}
        self._encoder = msgspec.msgpack.Encoder()

    def _shared(self, value: T) -> T:
        if not value:
            return value
        known: T = self._known.setdefault(self._encoder.encode(value), value)
        return known

    def pod(self, pod: Pod) -> Pod:
        """The same pod with its repeated parts shared."""
        spec, metadata = pod.spec, pod.metadata
        return msgspec.structs.replace(
            pod,
            metadata=msgspec.structs.replace(
                metadata,
                labels=self._shared(metadata.labels),
                annotations=self._shared(metadata.annotations),
                owner_references=self._shared(metadata.owner_references),
                managed_fields=(),
            ),
            spec=msgspec.structs.replace(
                spec,
                containers=self._shared(spec.containers),
                init_containers=self._shared(spec.init_containers),
                volumes=self._shared(spec.volumes),
                tolerations=self._shared(spec.tolerations),
                affinity=self._shared(spec.affinity),
                topology_spread_constraints=self._shared(spec.topology_spread_constraints),
            ),
        )
