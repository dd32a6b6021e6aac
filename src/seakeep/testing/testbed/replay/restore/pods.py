"""Pods under their names, on their nodes, with their statuses."""

from __future__ import annotations

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Pod
from seakeep.testing.testbed.replay.manifest import manifest, wire
from seakeep.testing.testbed.replay.restore.revisions import Revisions
from seakeep.testing.testbed.replay.restore.workloads import UID_LABELS
from seakeep.testing.testbed.replay.restore.writes import Writes
from seakeep.twin.state import controller_of

# KWOK plays no pod that has this condition.
_PLAYED = {"type": "PodReadyToStartContainers", "status": "True"}


def restore(writes: Writes, revisions: Revisions, pod: Pod) -> None:
    owner = controller_of(pod)
    wanted = manifest(pod)
    if owner is not None:
        if owner not in writes.uids:
            ended = is_ended(pod)
            writes.leave_out("Pod", "it has ended" if ended else f"its {owner.kind} is not there")
            return
        labels = wanted["metadata"].get("labels", {})
        labels |= {key: writes.uids[owner] for key in UID_LABELS if key in labels}
        revisions.relabel(owner, labels)
    if not writes.create_owned(wanted, pod) or not pod.spec.node_name:
        return
    status = wire(pod.status)
    conditions = [each for each in status.get("conditions", []) if each["type"] != _PLAYED["type"]]
    for each in conditions:
        each.pop("lastUpdateTime", None)
        each.pop("lastHeartbeatTime", None)
    writes.status(pod, {**status, "conditions": [*conditions, _PLAYED]})
    if pod.metadata.deletion_timestamp is not None:
        writes.api.delete("v1", "Pod", pod.name, pod.namespace)
