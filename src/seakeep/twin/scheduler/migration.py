"""Volumes of old in-tree plugins, which a node's CSI drivers serve where its CSINode says that the plugin has been migrated. Source: csi-translation-lib, and `isCSIMigrationOn` of kube-scheduler, Kubernetes 1.37."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import CSINode, PersistentVolume
from seakeep.model.objects.base import Requirement
from seakeep.model.objects.pods import NodeSelector, NodeSelectorTerm, Volume
from seakeep.model.objects.storage import VolumeNodeAffinity, VolumeSpec

MIGRATED = "storage.alpha.kubernetes.io/migrated-plugins"
_ZONE, _REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
_BETA_ZONE, _BETA_REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"
# In-tree plugin → driver, the label by which the driver tells zones ("": none).
_DRIVERS = {
    "kubernetes.io/aws-ebs": ("ebs.csi.aws.com", "topology.ebs.csi.aws.com/zone"),
    "kubernetes.io/azure-disk": ("disk.csi.azure.com", ""),
    "kubernetes.io/cinder": ("cinder.csi.openstack.org", "topology.cinder.csi.openstack.org/zone"),
    "kubernetes.io/gce-pd": ("pd.csi.storage.gke.io", "topology.gke.io/zone"),
    "kubernetes.io/portworx-volume": ("pxd.portworx.com", ""),
}


def migrated(csi_node: CSINode | None) -> frozenset[str]:
    """The in-tree plugins whose volumes CSI drivers serve on a node."""
    told = csi_node.metadata.annotations.get(MIGRATED, "") if csi_node is not None else ""
    return frozenset(told.split(",")).intersection(_DRIVERS)


def served(csi_node: CSINode | None) -> frozenset[str]:
    """The same where attached volumes are counted: there every node with a CSINode counts as migrated."""
    return frozenset(_DRIVERS) if csi_node is not None else frozenset()


def is_migratable(volume: Volume) -> bool:
    return bool(_source(volume)[0] or volume.azure_file or volume.vsphere_volume)


def driver_of(provisioner: str, plugins: frozenset[str]) -> str:
    """The driver that makes a class's volumes; "" for an in-tree plugin that is not migrated."""
    if provisioner in plugins:
        return _DRIVERS[provisioner][0]
    return "" if provisioner in _DRIVERS else provisioner


def inline(volume: Volume, plugins: frozenset[str]) -> tuple[str, str]:
    """(driver, handle) of a volume that a pod itself names."""
    plugin, source = _source(volume)
    if plugin not in plugins:
        return "", ""
    return _DRIVERS[plugin][0], _handle(plugin, source, "")


def attached_by(volume: PersistentVolume, plugins: frozenset[str]) -> tuple[str, str]:
    """(driver, handle) of a persistent volume."""
    if volume.spec.csi:
        return str(volume.spec.csi.get("driver", "")), str(volume.spec.csi.get("volumeHandle", ""))
    plugin, source = _source(volume.spec)
    if plugin not in plugins:
        return "", ""
    zones = volume.labels.get(_BETA_ZONE) or volume.labels.get(_ZONE, "")
    return _DRIVERS[plugin][0], _handle(plugin, source, zones)


def affinity(volume: PersistentVolume, plugins: frozenset[str]) -> VolumeNodeAffinity | None:
    """Which nodes reach the volume: in the driver's words, where it is migrated."""
    plugin, _ = _source(volume.spec)
    key = _DRIVERS[plugin][1] if plugin in plugins else ""
    if not key:
        return volume.spec.node_affinity
    required = volume.spec.node_affinity.required if volume.spec.node_affinity else None
    terms = required.node_selector_terms if required else ()
    asked: dict[str, set[str]] = {}
    for item in (item for term in terms for item in term.match_expressions):
        asked.setdefault(item.key, set()).update(item.values)
    beta = _BETA_ZONE in asked or (_ZONE not in volume.labels and _BETA_ZONE in volume.labels)
    zone = _BETA_ZONE if beta and _ZONE not in asked else _ZONE
    if asked.get(zone):
        terms = _renamed(terms, zone, key)
    else:
        zones = sorted({each.strip() for each in volume.labels.get(zone, "").split("__")} - {""})
        if zones:
            wanted = Requirement(key=key, operator="In", values=tuple(zones))
            terms = tuple(
                replace(term, match_expressions=(*term.match_expressions, wanted))
                for term in terms or (NodeSelectorTerm(),)
            )
    if zone == _BETA_ZONE and asked.get(_BETA_REGION):
        terms = _renamed(terms, _BETA_REGION, _REGION)
    return VolumeNodeAffinity(required=NodeSelector(node_selector_terms=terms)) if terms else volume.spec.node_affinity


def _renamed(terms: tuple[NodeSelectorTerm, ...], old: str, new: str) -> tuple[NodeSelectorTerm, ...]:
    return tuple(
        replace(
            term,
            match_expressions=tuple(
                replace(item, key=new) if item.key == old else item for item in term.match_expressions
            ),
        )
        for term in terms
    )


def _source(volume: Volume | VolumeSpec) -> tuple[str, dict[str, Any]]:
    """(in-tree plugin, what it is told); "" for other kinds of volumes."""
    for plugin, source in (
        ("kubernetes.io/aws-ebs", volume.aws_elastic_block_store),
        ("kubernetes.io/azure-disk", volume.azure_disk),
        ("kubernetes.io/cinder", volume.cinder),
        ("kubernetes.io/gce-pd", volume.gce_persistent_disk),
        ("kubernetes.io/portworx-volume", volume.portworx_volume),
    ):
        if source is not None:
            return plugin, source
    return "", {}


def _handle(plugin: str, source: dict[str, Any], zones: str) -> str:
    if plugin == "kubernetes.io/azure-disk":
        return str(source.get("diskURI", ""))
    if plugin == "kubernetes.io/gce-pd":
        where = zones or "UNSPECIFIED"
        kind = "regions" if "__" in where else "zones"
        return f"projects/UNSPECIFIED/{kind}/{where}/disks/{source.get('pdName', '')}"
    handle = str(source.get("volumeID", ""))
    # aws://zone/vol-1 and vol-1 are the same volume.
    return handle.rsplit("/", 1)[-1] if handle.startswith("aws://") else handle
