"""Pods that may have to go for others."""

from __future__ import annotations

from typing import Any

from seakeep.model.objects import Pod
from seakeep.twin.world import Twin
from tests.twin.builders import Object

NAMESPACE = "shop"


def pod(
    name: str, priority: int = 0, cpu: str = "1", *, on: str = "", app: str = "", start: int = 0, **spec: Any
) -> Object:
    """Running where `on` is given, since `start` minutes past eight."""
    status: Object = {"phase": "Pending"}
    if on:
        spec["nodeName"] = on
        status = {"phase": "Running", "startTime": f"2026-03-01T08:{start:02d}:00Z"}
        status["conditions"] = [{"type": "Ready", "status": "True"}]
    container = {"name": "main", "image": "example/app:1", "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": app or name}},
        "spec": {"containers": [container], "priority": priority, **spec},
        "status": status,
    }


def find(world: Twin, name: str) -> Pod:
    found = world.state.get(Pod, NAMESPACE, name)
    assert found is not None
    return found


def said(world: Twin, name: str) -> str:
    found = next(item for item in find(world, name).status.conditions if item.type == "PodScheduled")
    return found.message
