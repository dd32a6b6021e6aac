"""What a Deployment says of itself. Source: pkg/controller/deployment/{sync,progress}.go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from seakeep.model.objects import Condition, Deployment, ReplicaSet
from seakeep.model.objects.workloads import WorkloadStatus
from seakeep.twin.controllers.deployment_sizes import desired, max_unavailable, total

_MOST_INT32 = 2**31 - 1
AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"


def find(status: WorkloadStatus, kind: str) -> Condition | None:
    for item in status.conditions:
        if item.type == kind:
            return item
    return None


def condition(now: datetime, kind: str, status: str, reason: str, message: str) -> Condition:
    return Condition(
        type=kind, status=status, reason=reason, message=message, last_transition_time=now, last_update_time=now
    )


def with_condition(status: WorkloadStatus, new: Condition) -> WorkloadStatus:
    """Nothing where status and reason are as before."""
    old = find(status, new.type)
    if old is not None and (old.status, old.reason) == (new.status, new.reason):
        return status
    if old is not None and old.status == new.status:
        new = replace(new, last_transition_time=old.last_transition_time)
    return replace(status, conditions=(*[item for item in status.conditions if item is not old], new))


def without(status: WorkloadStatus, kind: str) -> WorkloadStatus:
    if find(status, kind) is None:
        return status
    return replace(status, conditions=tuple(item for item in status.conditions if item.type != kind))


def has_deadline(item: Deployment) -> bool:
    return item.spec.progress_deadline_seconds != _MOST_INT32


def is_complete(item: Deployment, status: WorkloadStatus) -> bool:
    wanted = desired(item)
    return (status.updated_replicas, status.replicas, status.available_replicas) == (wanted,) * 3 and (
        status.observed_generation >= item.metadata.generation
    )


def of_rollout(
    now: datetime, item: Deployment, everything: Sequence[ReplicaSet], new: ReplicaSet | None
) -> WorkloadStatus:
    """`syncRolloutStatus`; the very status that it has where nothing is to be told."""
    told = failures(progressed(now, item, counted(now, item, everything, new), new), everything, new)
    return item.status if told == item.status else told


def counted(
    now: datetime, item: Deployment, everything: Sequence[ReplicaSet], new: ReplicaSet | None
) -> WorkloadStatus:
    """`calculateStatus`."""
    replicas = ready = available = 0
    ending: int | None = 0
    for rs in everything:
        each = rs.status
        replicas += each.replicas
        ready += each.ready_replicas
        available += each.available_replicas
        if each.terminating_replicas is not None:
            ending = ending + each.terminating_replicas if ending is not None else None
        elif each.observed_generation:
            ending = None
    status = replace(
        item.status,
        observed_generation=item.metadata.generation,
        replicas=replicas,
        updated_replicas=new.status.replicas if new else 0,
        ready_replicas=ready,
        available_replicas=available,
        unavailable_replicas=max(total(everything) - available, 0),
        terminating_replicas=ending,
    )
    if available >= desired(item) - max_unavailable(item):
        text = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        text = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    known = find(status, "Available")
    if known is not None and (known.status, known.reason) == text[:2]:
        return status
    return with_condition(status, condition(now, "Available", *text))


def progressed(now: datetime, item: Deployment, status: WorkloadStatus, new: ReplicaSet | None) -> WorkloadStatus:
    """`syncRolloutStatus`, as far as the Progressing condition goes."""
    if not has_deadline(item):
        return without(status, "Progressing")
    current = find(item.status, "Progressing")
    if status.replicas == status.updated_replicas and current is not None and current.reason == AVAILABLE:
        return status
    subject = f'ReplicaSet "{new.name}"' if new else f'Deployment "{item.name}"'
    if is_complete(item, status):
        text = f"{subject} has successfully progressed."
        return with_condition(status, condition(now, "Progressing", "True", AVAILABLE, text))
    if _progresses(item.status, status):
        made = condition(now, "Progressing", "True", "ReplicaSetUpdated", f"{subject} is progressing.")
        if current is not None and current.status == "True":
            made = replace(made, last_transition_time=current.last_transition_time)
        return with_condition(without(status, "Progressing"), made)
    if _timed_out(now, item, status):
        text = f"{subject} has timed out progressing."
        return with_condition(status, condition(now, "Progressing", "False", TIMED_OUT, text))
    return status


def _progresses(old: WorkloadStatus, new: WorkloadStatus) -> bool:
    return (
        new.updated_replicas > old.updated_replicas
        or new.replicas - new.updated_replicas < old.replicas - old.updated_replicas
        or new.ready_replicas > old.ready_replicas
        or new.available_replicas > old.available_replicas
    )


def _timed_out(now: datetime, item: Deployment, status: WorkloadStatus) -> bool:
    known = find(status, "Progressing")
    if known is None or known.reason == AVAILABLE:
        return False
    return known.reason == TIMED_OUT or until_deadline(now, item, known) < 0


def until_deadline(now: datetime, item: Deployment, known: Condition) -> float:
    since = known.last_update_time or known.last_transition_time
    passed = (now - since).total_seconds() if since else 0.0
    return item.spec.progress_deadline_seconds - passed


def failures(status: WorkloadStatus, everything: Sequence[ReplicaSet], new: ReplicaSet | None) -> WorkloadStatus:
    """A ReplicaSet's ReplicaFailure, the new one's first."""
    for rs in everything:
        if rs.status.conditions:
            break
    else:
        return without(status, "ReplicaFailure")
    for rs in (*((new,) if new else ()), *everything):
        for each in rs.status.conditions:
            if each.type == "ReplicaFailure":
                return with_condition(status, replace(each, last_update_time=each.last_transition_time))
    return without(status, "ReplicaFailure")
