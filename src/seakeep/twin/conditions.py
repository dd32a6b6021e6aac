"""Conditions of pods, set as pkg/api/pod `UpdatePodCondition` does: in place, and the transition time moves only with the status."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from seakeep.model.objects import Condition, Pod


def with_condition(pod: Pod, new: Condition, now: datetime) -> Pod:
    old = next((item for item in pod.status.conditions if item.type == new.type), None)
    if old is None:
        conditions = (*pod.status.conditions, replace(new, last_transition_time=now))
    else:
        since = old.last_transition_time if old.status == new.status else now
        fresh = replace(new, last_transition_time=since)
        conditions = tuple(fresh if item is old else item for item in pod.status.conditions)
    return replace(pod, status=replace(pod.status, conditions=conditions))
