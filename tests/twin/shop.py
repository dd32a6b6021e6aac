"""A platform of a client and its database, with an autoscaler and measured use."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Pod
from seakeep.model.snapshot import Snapshot, Usage
from tests.twin.builders import Object
from tests.twin.platforms import namespace, nodes, settled, workload


def service(name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 5432}]},
    }


def client() -> Object:
    item = workload("Deployment", "web", 2)
    item["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB", "value": "db.shop.svc:5432"}]
    return item


def shop(*more: Object) -> Snapshot:
    return settled([*nodes(), *namespace(), service("db"), workload("StatefulSet", "db", 1), client(), *more])


def autoscaler(most: int = 10) -> Object:
    goal = {"type": "Utilization", "averageUtilization": 50}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 2,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": goal}}],
        },
    }


def measured(snapshot: Snapshot, cpu: int, memory: int = 64 << 20) -> Snapshot:
    """Every web pod uses so many millicores and bytes."""
    names = [pod.name for pod in snapshot.all(Pod) if pod.labels.get("app") == "web"]
    return replace(snapshot, usage=tuple(Usage("shop", name, "main", cpu, memory) for name in names))
