"""Decoding that shares equal parts: replicas of one workload differ in little but name, node, addresses and times.

Parts are compared as the JSON they came in, so that those which are known already are not even decoded. What only tells one replica from the next inside a part (the name of the
service account token's volume) is put back afterwards.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, get_type_hints

import msgspec

from seakeep.adapters.decode import decoder
from seakeep.model.objects import (
    Container,
    DaemonSet,
    Deployment,
    Job,
    KubeObject,
    Metadata,
    Pod,
    PodSpec,
    PodTemplate,
    ReplicaSet,
    StatefulSet,
)
from seakeep.model.objects.pods import Volume
from seakeep.model.objects.workloads import JobSpec, WorkloadSpec

_WITH_PODS = (Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job)
# Structs that are taken apart, and their parts that are shared.
_PARTS: dict[type[Any], frozenset[str]] = {
    **dict.fromkeys(_WITH_PODS, frozenset()),
    Metadata: frozenset({"labels", "annotations", "owner_references"}),
    PodSpec: frozenset(
        {
            "containers",
            "init_containers",
            "volumes",
            "tolerations",
            "affinity",
            "topology_spread_constraints",
            "security_context",
            "node_selector",
        }
    ),
    WorkloadSpec: frozenset(),
    JobSpec: frozenset(),
    PodTemplate: frozenset({"metadata"}),
}
_ABSENT = msgspec.Raw(b"")
# The ServiceAccount admission plug-in names each pod's token volume anew.
_TOKEN = re.compile(rb'"kube-api-access-[a-z0-9]{5}"')
_ANY_TOKEN = "kube-api-access-?"  # noqa: S105 - no password: a name that no volume can have
_ENCODER = msgspec.msgpack.Encoder()


@cache
def _hints(struct: Any) -> dict[str, Any]:
    return get_type_hints(struct)


@cache
def _thin(struct: Any) -> type[Any]:
    """The struct with its shared parts undecoded, and without what is dropped."""
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(struct):
        kind, default = _hints(struct)[field.name], field.default
        if field.name in _PARTS[struct]:
            kind, default = msgspec.Raw, _ABSENT
        elif kind in _PARTS:
            kind, default = _thin(kind) | None, None
        elif default is msgspec.NODEFAULT:
            fields.append(
                (field.name, kind, msgspec.field(default_factory=field.default_factory, name=field.encode_name))
            )
            continue
        fields.append((field.name, kind, msgspec.field(default=default, name=field.encode_name)))
    return msgspec.defstruct(f"Thin{struct.__name__}", fields, gc=False)


@cache
def _special(struct: Any) -> tuple[tuple[str, type[Any] | None], ...]:
    """Parts that are shared (None) or taken apart themselves (their struct)."""
    hints = _hints(struct)
    return tuple(
        (name, None if name in _PARTS[struct] else hints[name])
        for name in struct.__struct_fields__
        if name in _PARTS[struct] or hints[name] in _PARTS
    )


class Interner:
    """Kept only while one list is loaded."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Any], str, bytes], Any] = {}

    def decode(self, raw: msgspec.Raw, struct: Any) -> KubeObject:
        """As msgspec's own decoder, whose errors it raises. A pod's managedFields are dropped."""
        if struct not in _PARTS:
            item: KubeObject = decoder(struct).decode(raw)
            return item
        lean: Any = _thin(struct)
        thin = decoder(lean).decode(raw)
        if struct is Pod and thin.metadata is not None:
            thin.metadata.managed_fields = ()
        whole: KubeObject = self._whole(thin, struct)
        return whole

    def pod(self, pod: Pod) -> Pod:
        """The same for a pod that is decoded already."""
        spec, metadata = pod.spec, pod.metadata
        return msgspec.structs.replace(
            pod,
            metadata=msgspec.structs.replace(
                metadata,
                managed_fields=(),
                **{name: self._same(Metadata, name, getattr(metadata, name)) for name in sorted(_PARTS[Metadata])},
            ),
            spec=msgspec.structs.replace(
                spec, **{name: self._same(PodSpec, name, getattr(spec, name)) for name in sorted(_PARTS[PodSpec])}
            ),
        )

    def _same(self, struct: Any, name: str, value: Any) -> Any:
        return self._known.setdefault((struct, name, _ENCODER.encode(value)), value) if value else value

    def _whole(self, thin: Any, struct: Any) -> Any:
        values = msgspec.structs.asdict(thin)
        for name, inner in _special(struct):
            value = values[name]
            if value is None or value is _ABSENT:
                del values[name]
            elif inner is None:
                values[name] = self._part(struct, name, bytes(value))
            else:
                values[name] = self._whole(value, inner)
        return struct(**values)

    def _part(self, struct: Any, name: str, text: bytes) -> Any:
        token = _TOKEN.search(text) if name in {"containers", "init_containers", "volumes"} else None
        if token is None:
            return self._plain(struct, name, text)
        common = text.replace(token[0], f'"{_ANY_TOKEN}"'.encode())
        items, count = _renamed(self._plain(struct, name, common), token[0][1:-1].decode())
        # The same text somewhere else than in the volume's and mounts' names: leave it alone.
        return items if count == text.count(token[0]) else self._plain(struct, name, text)

    def _plain(self, struct: Any, name: str, text: bytes) -> Any:
        key = (struct, name, text)
        if key not in self._known:
            self._known[key] = decoder(_hints(struct)[name]).decode(text)
        return self._known[key]


def _renamed(items: tuple[Any, ...], name: str) -> tuple[tuple[Any, ...], int]:
    """Containers or volumes with the token's volume under its own name, and how often that was put in."""
    replace = msgspec.structs.replace
    renamed: list[Any] = []
    count = 0
    for item in items:
        if isinstance(item, Volume) and item.name == _ANY_TOKEN:
            renamed.append(replace(item, name=name))
            count += 1
        elif isinstance(item, Container) and (places := [mount.name for mount in item.volume_mounts].count(_ANY_TOKEN)):
            mounts = tuple(
                replace(mount, name=name) if mount.name == _ANY_TOKEN else mount for mount in item.volume_mounts
            )
            renamed.append(replace(item, volume_mounts=mounts))
            count += places
        else:
            renamed.append(item)
    return tuple(renamed), count
