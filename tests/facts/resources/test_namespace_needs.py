"""What a namespace needs: with its own arithmetic, by hand."""

from __future__ import annotations

from typing import Any

from seakeep.facts.admission.namespace_kinds import is_system
from seakeep.facts.index import Index
from seakeep.facts.resources.namespace_needs import need_of, usual_requests
from seakeep.facts.resources.quota_figures import hard_for
from seakeep.facts.workloads.rollout_room import surges
from seakeep.testing.cases import snapshot_of

GI = 1024**3


def _workload(kind: str, name: str, cpu: str, memory: str, **spec: Any) -> dict[str, Any]:
    asked = {name: amount for name, amount in (("cpu", cpu), ("memory", memory)) if amount}
    containers = [{"name": "a", "resources": {"requests": asked}}]
    template = {"spec": {"containers": containers}}
    return {"kind": kind, "metadata": {"name": name}, "spec": {"template": template, **spec}}


def _pod(owner: str, number: int, node: str, cpu: str, memory: str) -> dict[str, Any]:
    containers = [{"name": "a", "resources": {"requests": {"cpu": cpu, "memory": memory}}}]
    owners = [{"kind": "StatefulSet", "name": owner, "controller": True}]
    return {
        "kind": "Pod",
        "metadata": {"name": f"{owner}-{number}", "ownerReferences": owners},
        "spec": {"nodeName": node, "containers": containers},
        "status": {"phase": "Running"},
    }


NODES = [{"kind": "Node", "metadata": {"name": name}} for name in ("one", "two")]


def _need(*objects: dict[str, Any]) -> Any:
    return need_of(Index(snapshot_of({"objects": list(objects)})), "default")


def test_replicas_surge_and_a_quarter() -> None:
    need = _need(_workload("Deployment", "web", "500m", "1Gi", replicas=4))
    assert need.now == {"cpu": 2000, "memory": 4 * GI, "pods": 4}
    assert need.surge == {"cpu": 500, "memory": GI, "pods": 1}
    assert need.total("cpu") == 2000 + 500 + 500
    assert hard_for(need) == {"requests.cpu": "3", "requests.memory": "6Gi", "pods": "10"}


def test_what_an_autoscaler_may_make_counts() -> None:
    scaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 20},
    }
    need = _need(_workload("Deployment", "web", "500m", "1Gi", replicas=2), scaler)
    assert need.now == {"cpu": 10_000, "memory": 20 * GI, "pods": 20}
    assert need.surge == {"cpu": 2500, "memory": 5 * GI, "pods": 5}
    assert "with autoscalers at their maximum" in need.text
    assert "autoscalers" not in _need(_workload("Deployment", "web", "500m", "1Gi", replicas=2)).text


def test_what_a_lost_node_has_made_anew_counts_where_it_is_more_than_a_quarter() -> None:
    pods = [_pod("db", 0, "one", "1", "4Gi"), _pod("db", 1, "one", "1", "4Gi"), _pod("db", 2, "two", "1", "4Gi")]
    workload = _workload("StatefulSet", "db", "1", "4Gi", replicas=3)
    need = _need(workload, *pods, *NODES)
    assert (need.node, need.lost) == ("one", {"cpu": 2000, "memory": 8 * GI, "pods": 2})
    assert need.total("memory") == (12 + 8) * GI
    assert not _need(workload, *pods, NODES[0]).node, "of a single node nothing is made anew anywhere"


def test_what_stopped_is_wanted_again_and_recreating_makes_no_surge() -> None:
    need = _need(_workload("Deployment", "web", "500m", "1Gi", replicas=0, strategy={"type": "Recreate"}))
    assert need.now["pods"] == 1
    assert not any(need.surge.values())


def test_pods_that_ask_for_nothing_count_with_the_usual_request() -> None:
    objects = [
        _workload("StatefulSet", "small", "100m", "128Mi", replicas=1),
        _workload("StatefulSet", "usual", "200m", "256Mi", replicas=1),
        _workload("StatefulSet", "large", "8", "64Gi", replicas=1),
        _workload("StatefulSet", "silent", "", "", replicas=2),
    ]
    index = Index(snapshot_of({"objects": objects}))
    assert usual_requests(index, "default") == {"cpu": 200, "memory": 256 * 1024**2}
    assert need_of(index, "default").now["cpu"] == 100 + 200 + 8000 + 2 * 200


def test_a_daemon_runs_on_every_node_and_is_not_made_anew() -> None:
    need = _need(_workload("DaemonSet", "agent", "100m", "128Mi"), *NODES)
    assert need.now["pods"] == 2
    assert not need.node


def test_limits_surge_too() -> None:
    container = {"name": "a", "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "2Gi"}}}
    spec = {"replicas": 2, "template": {"spec": {"containers": [container]}}}
    index = Index(snapshot_of({"objects": [{"kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}]}))
    found = {name: surge.amount for name, surge in surges(index, "default").items()}
    assert found == {"pods": 1, "requests.cpu": 1000, "requests.memory": 2 * GI, "limits.memory": 2 * GI}


def test_the_clusters_own_namespaces() -> None:
    pod = {"kind": "Pod", "metadata": {"name": "csi", "namespace": "csi"}, "spec": {"priorityClassName": "system-node-critical"}}  # fmt: skip
    index = Index(snapshot_of({"objects": [pod]}))
    names = ("kube-system", "calico-system", "openshift-dns", "csi", "systems", "shop")
    assert [is_system(index, name) for name in names] == [True, True, True, True, False, False]
