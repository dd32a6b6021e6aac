"""What single nodes take, and why: one cluster with each reason once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from seakeep.app.plan import plan
from seakeep.engine.plan.choose import Options
from seakeep.model.plan import Plan
from seakeep.model.platform import Intent
from seakeep.testing.cases import snapshot_of

Object = dict[str, Any]


def _node(name: str, pods: str = "20") -> Object:
    room = {"cpu": "4", "memory": "8Gi", "pods": pods}
    status = {"allocatable": room, "capacity": room, "conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.31.0"}}  # fmt: skip
    return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}, "status": status}  # fmt: skip


def _workload(name: str, nodes: str, kind: str = "Deployment", claim: bool = False, cpu: str = "10m", **spec: Any) -> list[Object]:  # fmt: skip
    """With its pods, one for each letter of `nodes`; `claim`: with a volume that stays on the pod's node."""
    container = {"name": name, "image": f"{name}:1", "resources": {"requests": {"cpu": cpu}}}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}}
    owner_kind = "ReplicaSet" if kind == "Deployment" else kind
    owner = f"{name}-1" if kind == "Deployment" else name
    meta = {"namespace": "shop"}
    replicas: Object = {
        "replicas": len(nodes),
        "selector": {"matchLabels": {"app": name}},
        "template": template,
    }
    found: list[Object] = [
        {"kind": kind, "apiVersion": "apps/v1", "metadata": {**meta, "name": name, "uid": name}, "spec": replicas}
    ]
    labels = {"app": name}
    if claim:
        replicas["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]
    if kind == "Deployment":
        labels["pod-template-hash"] = "1"
        own = {
            **replicas,
            "selector": {"matchLabels": labels},
            "template": {**template, "metadata": {"labels": labels}},
        }
        reference = [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": True}]
        found.append({"kind": "ReplicaSet", "apiVersion": "apps/v1", "metadata": {**meta, "name": owner, "uid": owner, "labels": labels, "ownerReferences": reference}, "spec": own})  # fmt: skip
    reference = [{"apiVersion": "apps/v1", "kind": owner_kind, "name": owner, "uid": owner, "controller": True}]
    for number, node in enumerate(nodes):
        pod, held = f"{name}-{number}", f"data-{name}-{number}"
        volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": held}}] if claim else []
        found.append(
            {
                "kind": "Pod",
                "apiVersion": "v1",
                "metadata": {**meta, "name": pod, "labels": labels, "ownerReferences": reference},
                "spec": {"nodeName": node, "containers": [container], "volumes": volumes, **spec},
                "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
            }
        )
        if claim:
            where = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]}  # fmt: skip
            found += [
                {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": {**meta, "name": held, "annotations": {"pv.kubernetes.io/bind-completed": "yes"}}, "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": held}, "status": {"phase": "Bound"}},
                {"kind": "PersistentVolume", "apiVersion": "v1", "metadata": {"name": held}, "spec": {"accessModes": ["ReadWriteOnce"], "nodeAffinity": {"required": where}, "claimRef": {"namespace": "shop", "name": held}}, "status": {"phase": "Bound"}},
            ]  # fmt: skip
    return found


def _plan(*objects: Object, **options: Any) -> Plan:
    start = [
        {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}},
        {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "default", "namespace": "shop"}},
    ]
    return plan(snapshot_of({"objects": [*start, *objects]}), Intent(), date(2026, 1, 1), Options(**options))


def _limits(value: Plan) -> dict[str, tuple[str, ...]]:
    assert value.rehearsal.survival is not None
    return {item.reason: item.services for item in value.rehearsal.survival.limits}


NODES = [_node("a"), _node("b")]
RULES = ("disruption-budget-missing", "replicas-without-spread")
BOUND = {"nodeSelector": {"kubernetes.io/hostname": "a"}}


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        (_workload("db", "a", "StatefulSet", claim=True), "one replica, whose volume stays on its node"),
        (_workload("web", "a"), "one replica: it pauses until it has started on another node"),
        (_workload("web", "aa"), "its replicas are on one node, though they may be spread"),
        (_workload("web", "aa", **BOUND), "its template binds it to one node"),
        (_workload("web", "ab", cpu="3"), None),
        (_workload("zookeeper", "aab", "StatefulSet"), "needs 2 of 3 pods, and one of 2 nodes always holds 2"),
        (
            [*_workload("web", "a", cpu="3"), *_workload("filler", "b", cpu="3", nodeSelector={"kubernetes.io/hostname": "b"})],
            "no other node has room for it (Insufficient cpu)",
        ),
    ],
)  # fmt: skip
def test_each_reason(objects: list[Object], reason: str | None) -> None:
    found = _limits(_plan(*NODES, *objects, target=0.0))
    assert (reason in found) if reason is not None else (found == {}), found


def test_replicas_on_one_node_are_spread_by_the_plan_and_survive_it() -> None:
    value = _plan(*NODES, *_workload("web", "aa"), only=RULES, target=100.0)
    assert [change.target.kind for change in value.changes] == ["Deployment", "PodDisruptionBudget"]
    before, after = value.rehearsal.before.scores["survival"], value.rehearsal.after.scores["survival"]
    assert before is not None
    assert after is not None
    assert before < after == 100.0
    assert _limits(value) == {}
    told = value.rehearsal.survival
    assert told is not None
    lost = [(item.serving_before, item.serving, item.services) for item in told.nodes if item.kind == "loss"]
    assert all(serving == services == 1 for _, serving, services in lost)


def test_a_budget_for_pods_that_are_bound_to_a_node_would_hold_up_each_of_its_drains() -> None:
    value = _plan(*NODES, *_workload("web", "aa", **BOUND), only=("disruption-budget-missing",), target=100.0)
    assert value.changes == ()
    assert ["bound" not in item.question and "binds all 2" in item.question for item in value.asked] == [True]
    told = value.rehearsal.survival
    assert told is not None
    assert all(item.stops == () for item in told.nodes)
