"""What was played, as it would look in the field: without the testbed's marks, and with the ages that the restart counts tell of."""

from __future__ import annotations

import re
import socket
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from seakeep.adapters.decode import struct_for
from seakeep.model.objects import Event, KubeObject, Node, Pod
from seakeep.model.snapshot import Check, Snapshot
from seakeep.testing.testbed.nodes import PREFIX

_KUBELET_PORT = 10250
_FIRST_NODE = "k8s-control"
# Field managers of the testbed, by the program that they stand for.
_MANAGERS = {"seakeep-testbed": "kubectl", "kwok": "kubelet"}
# The play takes a minute and a half for what took three days.
_STRETCH = 2880
# What happened last did so just now, however long ago it began.
_RECENT = frozenset({"finishedAt", "lastTimestamp", "eventTime", "renewTime", "acquireTime", "lastHeartbeatTime"})


def as_in_the_field(found: Snapshot) -> Snapshot:
    """Without the marks of the testbed: its annotations and labels, and the loopback addresses on which it stands in for machines."""
    inside = {node.name: _internal_address(node) for node in found.all(Node)}
    raw = {
        kind: {
            key: _cleaned(msgspec.to_builtins(item, builtin_types=(datetime,)), found.taken_at)
            for key, item in group.items()
            if _is_left(item)
        }
        for kind, group in found.objects.items()
    }
    kept = {
        kind: {
            key: msgspec.convert(item, struct_for(item.get("apiVersion", ""), kind), strict=False)
            for key, item in group.items()
        }
        for kind, group in raw.items()
    }
    return replace(
        found,
        source="cluster 254carbon",
        objects=kept,
        checks=tuple(_in_place(check, found, inside) for check in found.checks),
    )


def _internal_address(node: Node) -> str:
    return next(part.address for part in node.status.addresses if part.type == "InternalIP")


def _is_left(item: KubeObject) -> bool:
    """Of an age of three days: events that did not repeat have expired, except that the scheduler tries for ever. The lease of the API server's own process carries the machine's name."""
    if isinstance(item, Event):
        return item.times > 1 or item.reason == "FailedScheduling"
    return not (item.kind == "Lease" and item.name.startswith("apiserver-"))


def _cleaned(item: dict[str, Any], taken_at: datetime | None) -> dict[str, Any]:
    stack: list[Any] = [item]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            for name in [name for name in current if isinstance(name, str) and name.startswith(PREFIX)]:
                del current[name]
            for name, value in current.items():
                if isinstance(value, datetime) and taken_at and name not in _RECENT:
                    current[name] = taken_at - (taken_at - value) * _STRETCH
                elif name == "manager":
                    current[name] = _MANAGERS.get(value, value)
                elif isinstance(value, str) and value.startswith(f"{socket.gethostname()}_"):
                    # Controllers sign with the name of the machine that they run on.
                    current[name] = value.replace(socket.gethostname(), _FIRST_NODE, 1)
            stack.extend(current.values())
        elif isinstance(current, list | tuple):
            stack.extend(current)
    status = item.get("status")
    if item["kind"] == "Node" and isinstance(status, dict):
        status["addresses"] = [part for part in status["addresses"] if part["address"] != "localhost"]
    return item


def _in_place(check: Check, found: Snapshot, inside: dict[str, str]) -> Check:
    """The API server dials a node's kubelet; on the testbed that is a port of 127.0.0.1."""
    pod = next((pod for pod in found.all(Pod) if f" {pod.namespace}/{pod.name}:" in check.detail), None)
    if pod is None:
        return check
    address = inside[pod.spec.node_name]
    ports = f"(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):{check.port}"
    detail = re.sub(ports, f"{address}:{_KUBELET_PORT}", check.detail)
    return replace(check, target=address, port=_KUBELET_PORT, detail=detail)
