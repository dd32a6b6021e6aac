"""Small platforms in a state that the twin itself brought about: what rehearsals start from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from seakeep.adapters.assemble import Assembly
from seakeep.model.objects import STRUCTS, Pod
from seakeep.model.snapshot import Snapshot
from seakeep.twin.build import build
from tests.twin.builders import START, Object, node

ZONE = "topology.kubernetes.io/zone"


def whole(objects: Iterable[Object]) -> Snapshot:
    """A snapshot in which everything was read."""
    assembly = Assembly("test platform")
    for item in objects:
        assembly.add_raw(item)
    for kind in sorted({kind for _, kind in STRUCTS}):
        assembly.listed(kind)
    assembly.taken_at = START
    return assembly.snapshot()


def settled(objects: Iterable[Object]) -> Snapshot:
    """The same after the controllers, the scheduler and the kubelets have done their work."""
    found = whole(objects)
    twin = build(found)
    assert twin.settle(within=900) is None
    return replace(found, objects=twin.state.objects(), taken_at=twin.now)


def node_of(snapshot: Snapshot, app: str) -> str:
    return next(pod.spec.node_name for pod in snapshot.all(Pod) if pod.labels.get("app") == app)


def namespace(name: str = "shop") -> list[Object]:
    metadata = {"name": "default", "namespace": name}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
    ]


def workload(kind: str, name: str, replicas: int, image: str = "acme/app:1", *, apart: bool = False) -> Object:
    """`apart`: at most one pod on a node."""
    labels = {"app": name}
    container = {"name": "main", "image": image, "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}}}
    spec: dict[str, Any] = {"containers": [container]}
    if apart:
        term = {"labelSelector": {"matchLabels": labels}, "topologyKey": "kubernetes.io/hostname"}
        spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    wanted: dict[str, Any] = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": spec},
    }
    if kind == "StatefulSet":
        wanted["serviceName"] = name
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}"},
        "spec": wanted,
    }


def pdb(name: str, **spec: Any) -> Object:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": name}}, **spec},
    }


def nodes(count: int = 3, cpu: str = "4") -> list[Object]:
    """a, b, c …, each in a zone of its own."""
    return [node("abcdef"[number], cpu, **{ZONE: f"zone-{number + 1}"}) for number in range(count)]


def platform(*more: Object, count: int = 3) -> Snapshot:
    """Kafka with a broker on each node, two web pods apart from each other, one worker."""
    return settled(
        [
            *nodes(count),
            *namespace(),
            workload("StatefulSet", "kafka", 3, "apache/kafka:4.1.0", apart=True),
            workload("Deployment", "web", 2, apart=True),
            workload("Deployment", "worker", 1),
            *more,
        ]
    )
