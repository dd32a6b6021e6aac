"""Storage drivers that can expand volumes."""

from __future__ import annotations

# https://kubernetes-csi.github.io/docs/drivers.html and the drivers' own documentation; in-tree names are served by the same drivers since CSI migration.
_DRIVERS = frozenset(
    {
        "ebs.csi.aws.com", "pd.csi.storage.gke.io", "filestore.csi.storage.gke.io", "disk.csi.azure.com", "file.csi.azure.com", "cinder.csi.openstack.org",
        "csi.vsphere.vmware.com", "rbd.csi.ceph.com", "cephfs.csi.ceph.com", "driver.longhorn.io", "dobs.csi.digitalocean.com", "csi.hetzner.cloud",
        "linodebs.csi.linode.com", "csi.trident.netapp.io", "pxd.portworx.com", "topolvm.io", "cstor.csi.openebs.io", "zfs.csi.openebs.io", "local.csi.openebs.io",
        "linstor.csi.linbit.com", "kubernetes.io/aws-ebs", "kubernetes.io/gce-pd", "kubernetes.io/azure-disk", "kubernetes.io/azure-file", "kubernetes.io/cinder",
    }
)  # fmt: skip


def can_expand(provisioner: str) -> bool:
    """Rook and OpenShift put their namespace before a Ceph driver's name (`rook-ceph.rbd.csi.ceph.com`)."""
    return provisioner in _DRIVERS or provisioner.endswith((".rbd.csi.ceph.com", ".cephfs.csi.ceph.com"))
