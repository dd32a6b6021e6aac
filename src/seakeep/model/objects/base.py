"""What every Kubernetes object has. Wire form in, frozen values out; fields that Seakeep never asks about are dropped at decoding."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from seakeep.model.refs import Ref, known, look_up

IntOrString = int | str
Quantities = dict[str, str | int | float]


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of all decoded values: camelCase on the wire, immutable here, ignored by the cyclic collector (no cycles are possible)."""


class OwnerReference(Wire, frozen=True, kw_only=True):
    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False
    block_owner_deletion: bool = False


class ManagedFields(Wire, frozen=True, kw_only=True):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: datetime | None = None


class Metadata(Wire, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    generate_name: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()
    managed_fields: tuple[ManagedFields, ...] = ()


class Condition(Wire, frozen=True, kw_only=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None
    last_heartbeat_time: datetime | None = None
    last_update_time: datetime | None = None
    observed_generation: int = 0


class Requirement(Wire, frozen=True, kw_only=True):
    """One expression of a label, node or volume selector."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(Wire, frozen=True, kw_only=True):
    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class KubeObject(Wire, frozen=True, kw_only=True):
    """Base of the kinds below. `kind` is the Kubernetes kind, also where a list's items leave it out."""

    api_version: str = ""
    kind: str = ""
    metadata: Metadata = Metadata()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.labels

    @property
    def ref(self) -> Ref:
        metadata = self.metadata
        key = (self.kind, metadata.namespace, metadata.name)
        return look_up(key) or known(key)


class Unstructured(KubeObject, frozen=True, kw_only=True):
    """A custom resource, or a kind that Seakeep has no struct for."""

    spec: Any = None
    status: Any = None
