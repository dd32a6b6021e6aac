"""A volume cannot be brought to its pod.

What: the pod stays in ContainerCreating, and FailedMount or FailedAttachVolume tells why: the node has no such directory (hostPath), the file server refuses or is not found (NFS, CIFS), the node lacks the file system's tools, or the disk cannot be attached.

Why: a path that only some nodes have, an export that is not shared with the node, a firewall, a package that the node's image leaves out (nfs-common, cifs-utils), a disk that was deleted or is beyond the instance's limit.

Bad:
    hostPath: {path: /mnt/nvme, type: Directory}     # on nodes without that disk

Good:
    nodeSelector: {disk: nvme}     # or type: DirectoryOrCreate

Ignore when: never while the pod is wanted: it cannot start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.volumes.mounting import MountFailure, Obstruction, mount_failures
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in mount_failures(index):
        if item.obstruction is Obstruction.DRIVER:
            continue  # csi-driver-missing
        where = f" on node {item.node}" if item.node else ""
        named = f" {item.named}" if item.named else ""
        yield Candidate(
            id="volume-mount-failing",
            object=item.claim or item.workload,
            summary=f"volume {item.volume or 'of ' + item.pod.name}{where}: {item.obstruction.value}{named}",
            evidence=(item.evidence,),
            affects=(item.pod.ref,),
            repair=Repair(_repair(item, where)),
            confidence=PROVEN if item.obstruction is Obstruction.HOST_PATH else LIKELY,
        )


def _repair(item: MountFailure, where: str) -> str:
    who = f"{item.workload.kind} {item.workload.name}"
    match item.obstruction:
        case Obstruction.HOST_PATH:
            return f"Make {item.named}{where}, keep {who} off nodes that lack it (nodeSelector), or let the kubelet make it (type: DirectoryOrCreate)."
        case Obstruction.SERVER:
            return f"See that the file server is up, exports the path to the nodes, and is named rightly in the volume of {who}."
        case Obstruction.HELPER:
            return f"Install the file system's tools{where} (nfs-common, cifs-utils …), or correct the volume's type and mount options."
        case Obstruction.MOUNT:
            return f"See in the description of the pod what the mount command said{where}: the server of the volume, its path, its options or the tools of the node."
        case _:
            return f"See from the message why the disk cannot be attached{where}: does it still exist, in this zone, and is the node below its limit of disks?"


CAUSE = CauseLeaf(id="volume-mount-failing", title="Volume cannot be mounted", reads=(Pod,), find=find)
