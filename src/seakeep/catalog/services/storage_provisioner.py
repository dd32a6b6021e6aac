"""Volume provisioner or CSI driver.

What: it makes volumes for claims.

Why: new claims stay pending; volumes may not attach.

Bad:
    scaled to zero

Good:
    its controller and node parts ready
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="storage-provisioner",
    title="Volume provisioner or CSI driver",
    images=(
        "rancher/local-path-provisioner",
        "sig-storage/csi-provisioner",
        "sig-storage/nfs-subdir-external-provisioner",
        "longhornio/longhorn-manager",
        "longhornio/longhorn-engine",
        "rook/ceph",
        "sig-storage/local-volume-provisioner",
        "openebs/provisioner-localpv",
    ),
    labels=(
        "local-path-provisioner",
        "longhorn-manager",
        "csi-provisioner",
        "nfs-subdir-external-provisioner",
        "ebs-csi-controller",
        "ebs-csi-node",
    ),
    names=("local-path-provisioner", "longhorn", "csi"),
    criticality="high",
)
