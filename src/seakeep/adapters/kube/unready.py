"""What keeps a workload of the cluster: see `facts.workloads.behind`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.adapters.kube.sender import Sender
from seakeep.adapters.kube.write import decoded
from seakeep.facts.workloads.behind import behind
from seakeep.model.commands import Failed
from seakeep.model.fields import value_at
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref

_KINDS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


def unready(sender: Sender, ref: Ref, raw: Mapping[str, Any]) -> str:
    """Nothing where it has no pod that is not ready, or they may not be read."""
    labels = value_at(raw, ("spec", "selector", "matchLabels"))
    if ref.kind not in _KINDS or not isinstance(labels, Mapping) or not labels:
        return ""
    chosen = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    query = {"labelSelector": chosen, "limit": "500"}
    answer = sender.ask("GET", f"/api/v1/namespaces/{ref.namespace}/pods", query)
    if isinstance(answer, Failed):
        return ""
    found = (decoded({"apiVersion": "v1", "kind": "Pod", **item}) for item in answer.body.get("items") or ())
    return behind(item for item in found if isinstance(item, Pod))
