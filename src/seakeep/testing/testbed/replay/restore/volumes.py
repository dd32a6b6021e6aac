"""Claims and volumes, bound to each other as they were."""

from __future__ import annotations

from seakeep.model.objects import PersistentVolume, PersistentVolumeClaim
from seakeep.testing.testbed.replay.manifest import manifest, wire
from seakeep.testing.testbed.replay.restore.writes import Writes


def restore(writes: Writes) -> None:
    claims: dict[str, str] = {}
    for item in writes.snapshot.all(PersistentVolumeClaim):
        wanted = manifest(item)
        bound = item.status.phase == "Bound" and item.spec.volume_name
        if bound:
            wanted["metadata"].setdefault("annotations", {})["pv.kubernetes.io/bind-completed"] = "yes"
        if writes.create(wanted, item) and bound:
            claims[item.spec.volume_name] = writes.uids[item.ref]
            writes.status(item, {**wire(item.status), "phase": "Bound"})
    for volume in writes.snapshot.all(PersistentVolume):
        wanted = manifest(volume)
        if volume.spec.claim_ref is not None and volume.name in claims:
            owner = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "uid": claims[volume.name]}
            wanted["spec"]["claimRef"] |= owner
        if writes.create(wanted, volume):
            writes.status(volume, {"phase": volume.status.phase or "Available"})
