"""Volumes and claims (core/v1, storage.k8s.io/v1)."""

from __future__ import annotations

from typing import Any

from msgspec import field

from seakeep.model.objects.base import Condition, KubeObject, LabelSelector, Quantities, Wire
from seakeep.model.objects.pods import NodeSelector, Resources


class ClaimSpec(Wire, frozen=True, kw_only=True):
    """`storage_class_name` None means the default class, "" means none."""

    access_modes: tuple[str, ...] = ()
    storage_class_name: str | None = None
    resources: Resources = Resources()
    selector: LabelSelector | None = None
    volume_name: str = ""
    volume_mode: str = "Filesystem"
    volume_attributes_class_name: str = ""


class ClaimStatus(Wire, frozen=True, kw_only=True):
    phase: str = ""
    capacity: Quantities = {}
    access_modes: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(KubeObject, frozen=True, kw_only=True):
    kind: str = "PersistentVolumeClaim"
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


class ClaimReference(Wire, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""


class VolumeNodeAffinity(Wire, frozen=True, kw_only=True):
    required: NodeSelector | None = None


class VolumeSpec(Wire, frozen=True, kw_only=True):
    capacity: Quantities = {}
    access_modes: tuple[str, ...] = ()
    storage_class_name: str = ""
    volume_attributes_class_name: str = ""
    claim_ref: ClaimReference | None = None
    persistent_volume_reclaim_policy: str = ""
    volume_mode: str = "Filesystem"
    node_affinity: VolumeNodeAffinity | None = None
    csi: dict[str, Any] | None = None
    host_path: dict[str, Any] | None = None
    local: dict[str, Any] | None = None
    nfs: dict[str, Any] | None = None
    aws_elastic_block_store: dict[str, Any] | None = None
    azure_disk: dict[str, Any] | None = None
    cinder: dict[str, Any] | None = None
    gce_persistent_disk: dict[str, Any] | None = None
    portworx_volume: dict[str, Any] | None = None


class VolumeStatus(Wire, frozen=True, kw_only=True):
    phase: str = ""
    reason: str = ""
    message: str = ""


class PersistentVolume(KubeObject, frozen=True, kw_only=True):
    kind: str = "PersistentVolume"
    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()


class TopologyExpression(Wire, frozen=True, kw_only=True):
    key: str = ""
    values: tuple[str, ...] = ()


class TopologyTerm(Wire, frozen=True, kw_only=True):
    match_label_expressions: tuple[TopologyExpression, ...] = ()


class StorageClass(KubeObject, frozen=True, kw_only=True):
    kind: str = "StorageClass"
    provisioner: str = ""
    reclaim_policy: str = "Delete"
    volume_binding_mode: str = "Immediate"
    allow_volume_expansion: bool = False
    parameters: dict[str, str] = {}
    allowed_topologies: tuple[TopologyTerm, ...] = ()

    @property
    def is_default(self) -> bool:
        return self.metadata.annotations.get("storageclass.kubernetes.io/is-default-class") == "true"


class CSINodeAllocatable(Wire, frozen=True, kw_only=True):
    count: int | None = None


class CSINodeDriver(Wire, frozen=True, kw_only=True):
    name: str = ""
    node_id: str = field(default="", name="nodeID")
    topology_keys: tuple[str, ...] = ()
    allocatable: CSINodeAllocatable | None = None


class CSINodeSpec(Wire, frozen=True, kw_only=True):
    drivers: tuple[CSINodeDriver, ...] = ()


class CSINode(KubeObject, frozen=True, kw_only=True):
    """The CSI drivers of a node, and how many volumes each may attach there."""

    kind: str = "CSINode"
    spec: CSINodeSpec = CSINodeSpec()


class CSIDriverSpec(Wire, frozen=True, kw_only=True):
    attach_required: bool | None = None
    storage_capacity: bool | None = None
    prevent_pod_scheduling_if_missing: bool | None = None


class CSIDriver(KubeObject, frozen=True, kw_only=True):
    kind: str = "CSIDriver"
    spec: CSIDriverSpec = CSIDriverSpec()


class CSIStorageCapacity(KubeObject, frozen=True, kw_only=True):
    """How much a driver can still provision of a class, where."""

    kind: str = "CSIStorageCapacity"
    storage_class_name: str = ""
    node_topology: LabelSelector | None = None
    capacity: str | int | float | None = None
    maximum_volume_size: str | int | float | None = None


class AttachmentSpec(Wire, frozen=True, kw_only=True):
    attacher: str = ""
    node_name: str = ""
    source: dict[str, Any] = {}


class AttachmentStatus(Wire, frozen=True, kw_only=True):
    attached: bool = False
    attach_error: dict[str, Any] | None = None


class VolumeAttachment(KubeObject, frozen=True, kw_only=True):
    kind: str = "VolumeAttachment"
    spec: AttachmentSpec = AttachmentSpec()
    status: AttachmentStatus = AttachmentStatus()
