"""Small worlds for tests of the twin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from seakeep.adapters.assemble import Assembly
from seakeep.model.objects import KubeObject
from seakeep.model.snapshot import Snapshot
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.state import State
from seakeep.twin.world import Twin

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
Object = dict[str, Any]


def suffixes() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{next(numbers):05d}"


def admit_all(state: State, new: KubeObject, old: KubeObject | None) -> KubeObject:
    del state, old
    return new


def snapshot(objects: Iterable[Object]) -> Snapshot:
    assembly = Assembly("test")
    for item in objects:
        assembly.add_raw(item)
    assembly.taken_at = START
    return assembly.snapshot()


def twin(objects: Iterable[Object]) -> Twin:
    controllers = (ReplicaSets(), Kubelet())
    found = Twin(snapshot(objects), controllers, now=START, suffix=suffixes(), admit=admit_all)
    found.start_controllers()
    return found


def node(name: str, cpu: str = "4", **labels: str) -> Object:
    amounts = {"cpu": cpu, "memory": "16Gi", "pods": "110"}
    status = {"allocatable": amounts, "conditions": [{"type": "Ready", "status": "True"}]}
    metadata = {"name": name, "labels": {"kubernetes.io/hostname": name, **labels}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": status}


def replica_set(name: str, replicas: int, cpu: str = "1", namespace: str = "shop") -> Object:
    container = {"name": "main", "image": "example/app:1", "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": namespace, "uid": f"rs-{name}"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


def alone(name: str = "web", **spec: Any) -> Object:
    containers = [{"name": "main", "image": "example/app:1"}]
    metadata = {"name": name, "namespace": "shop", "uid": f"pod-{name}", "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **spec}}
