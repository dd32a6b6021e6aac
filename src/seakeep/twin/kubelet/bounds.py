"""Pods that a kubelet turns away or ends by what they say themselves: no room on the node that they name, or active for longer than they may be. Source: pkg/kubelet/lifecycle/predicate.go, active_deadline.go."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Node, Pod
from seakeep.model.objects.pods import PodStatus
from seakeep.twin.moments import after
from seakeep.twin.requests import amounts, is_scalar, reserved
from seakeep.twin.state import State

TOO_LONG = "Pod was active on the node longer than the specified deadline"
_FIRST = ("cpu", "memory", "ephemeral-storage")
# Pods of this priority and above make the kubelet end others for them.
_CRITICAL = 2_000_000_000


def time_left(pod: Pod, now: datetime) -> float | None:
    """Until the pod has been active for too long; None where there is no end to that, or it has not begun."""
    limit, since = pod.spec.active_deadline_seconds, pod.status.start_time
    if limit is None or since is None:
        return None
    return (after(since, limit) - now).total_seconds()


def past_deadline(status: PodStatus) -> PodStatus:
    return replace(status, phase="Failed", reason="DeadlineExceeded", message=TOO_LONG)


def turned_away(state: State, pod: Pod, node: Node) -> PodStatus | None:
    """A pod that names its node itself, past the scheduler, and finds no room there; None where it is let in."""
    status = pod.status
    if status.start_time or status.container_statuses or status.phase not in {"", "Pending"}:
        return None
    if not node.status.allocatable:
        return None  # what it has is not known
    if (pod.spec.priority or 0) >= _CRITICAL or any(item.type == "PodScheduled" for item in status.conditions):
        return None
    others = [
        item
        for item in state.pods_on(node.name)
        if not is_ended(item) and item.ref != pod.ref and _is_before(item, pod)
    ]
    room = amounts(node.status.allocatable)
    used: Counter[str] = Counter()
    for item in others:
        used.update(reserved(item, running=True).requests)
    wanted = {name: amount for name, amount in reserved(pod, running=False).requests.items() if amount > 0}
    scalars = sorted(name for name in wanted if is_scalar(name) and name in room)
    used["pods"], wanted["pods"] = len(others), 1
    for name in ("pods", *_FIRST, *scalars):
        if name in wanted and (name in room or name != "pods") and used[name] + wanted[name] > room.get(name, 0):
            figures = f"requested: {wanted[name]}, used: {used[name]}, capacity: {room.get(name, 0)}"
            text = f"Pod was rejected: Node didn't have enough resource: {name}, {figures}"
            return PodStatus(phase="Failed", reason=f"OutOf{name}", message=text, qos_class=status.qos_class)
    return None


def _is_before(other: Pod, pod: Pod) -> bool:
    """Who was let in already; of two that wait at the node's door, the one that was made first."""
    if other.status.start_time or other.status.container_statuses:
        return True
    made, mine = other.metadata.creation_timestamp, pod.metadata.creation_timestamp
    return made is None or (mine is not None and (made, other.name) < (mine, pod.name))
