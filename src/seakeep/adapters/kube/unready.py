"""What keeps a workload: the newest of its pods that are not ready, in Kubernetes' own words. "1 of 3 pods are updated" sends nobody to the cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.adapters.kube.sender import Sender
from seakeep.adapters.kube.write import decoded
from seakeep.facts.workloads.podstate import is_finished, is_ready, status_column, statuses
from seakeep.model.commands import Failed
from seakeep.model.fields import value_at
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref

_KINDS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_MOST = 200  # characters


def unready(sender: Sender, ref: Ref, raw: Mapping[str, Any]) -> str:
    """Nothing where it has no such pod, or they may not be read."""
    labels = value_at(raw, ("spec", "selector", "matchLabels"))
    if ref.kind not in _KINDS or not isinstance(labels, Mapping) or not labels:
        return ""
    chosen = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    query = {"labelSelector": chosen, "limit": "500"}
    answer = sender.ask("GET", f"/api/v1/namespaces/{ref.namespace}/pods", query)
    if isinstance(answer, Failed):
        return ""
    found = (decoded({"apiVersion": "v1", "kind": "Pod", **item}) for item in answer.body.get("items") or ())
    behind = [item for item in found if isinstance(item, Pod) and not is_ready(item) and not is_finished(item)]
    behind.sort(key=lambda item: (str(item.metadata.creation_timestamp or ""), item.metadata.name))
    return told(behind[-1]) if behind else ""


def told(pod: Pod) -> str:
    """`Pod web-1 is Pending: 0/3 nodes are available: …`."""
    reasons = [item.message for item in pod.status.conditions if item.type == "PodScheduled" and item.status == "False"]
    waiting = [item.state.waiting for item in statuses(pod) if item.state.waiting is not None]
    reasons += [item.message for item in waiting if item.message]
    # Whether others could be put off for it is the scheduler's second sentence, and seldom the reason.
    message = " ".join(next(filter(None, reasons), "").split()).partition(" preemption: ")[0]
    return f"Pod {pod.metadata.name} is {status_column(pod)}{f': {message[:_MOST]}' if message else ''}"
