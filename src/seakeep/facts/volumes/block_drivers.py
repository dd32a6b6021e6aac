"""Storage drivers of disks, whose file systems one node at a time can use."""

from __future__ import annotations

from seakeep.model.objects import PersistentVolumeClaim

# From the drivers' own documentation of the access modes that they support. Drivers that share files too (Longhorn, Portworx, Trident) are left out.
_DISKS = frozenset(
    {
        "ebs.csi.aws.com", "pd.csi.storage.gke.io", "disk.csi.azure.com", "cinder.csi.openstack.org", "dobs.csi.digitalocean.com", "csi.hetzner.cloud",
        "linodebs.csi.linode.com", "topolvm.io", "local.csi.openebs.io", "rancher.io/local-path",
        "kubernetes.io/aws-ebs", "kubernetes.io/gce-pd", "kubernetes.io/azure-disk", "kubernetes.io/cinder",
    }
)  # fmt: skip


def serves_one_node(provisioner: str) -> bool:
    """Rook puts its namespace before the driver's name (`rook-ceph.rbd.csi.ceph.com`)."""
    return provisioner in _DISKS or provisioner.endswith("rbd.csi.ceph.com")


def wants_many(claim: PersistentVolumeClaim) -> bool:
    """To write from several nodes, and to a file system: raw devices may be shared."""
    return "ReadWriteMany" in claim.spec.access_modes and claim.spec.volume_mode != "Block"
