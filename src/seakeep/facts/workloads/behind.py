"""What keeps a workload: the newest of its pods that are not ready, in Kubernetes' own words. "1 of 3 pods are updated" sends nobody to the cause."""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.facts.workloads.podstate import is_finished, is_ready, status_column, statuses
from seakeep.model.objects import Pod

_MOST = 200  # characters


def behind(pods: Iterable[Pod]) -> str:
    """`Pod web-1 is Pending: 0/3 nodes are available: …`; nothing where all are ready or have ended."""
    unready = [pod for pod in pods if not is_ready(pod) and not is_finished(pod)]
    newest = max(unready, key=lambda pod: (str(pod.metadata.creation_timestamp or ""), pod.metadata.name), default=None)
    return _told(newest) if newest is not None else ""


def _told(pod: Pod) -> str:
    reasons = [item.message for item in pod.status.conditions if item.type == "PodScheduled" and item.status == "False"]
    waiting = [item.state.waiting for item in statuses(pod) if item.state.waiting is not None]
    reasons += [item.message for item in waiting if item.message]
    # Whether others could be put off for it is the scheduler's second sentence, and seldom the reason.
    message = " ".join(next(filter(None, reasons), "").split()).partition(" preemption: ")[0]
    return f"Pod {pod.metadata.name} is {status_column(pod)}{f': {message[:_MOST]}' if message else ''}"
