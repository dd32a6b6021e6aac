"""Nodes as the testbed makes them."""

from __future__ import annotations

import datetime as dt

from seakeep.testing.testbed import build, nodes
from seakeep.testing.testbed.api import Api, Object
from seakeep.testing.testbed.replay.plane import Plane


def fresh_node(plane: Plane, spec: nodes.NodeSpec, number: int = 0) -> Object:
    """As its kubelet registers it now."""
    return nodes.manifest(spec, number, plane.kubelet_port, build.KUBERNETES, dt.datetime.now(dt.UTC))


def is_up(api: Api, name: str) -> bool:
    """The node controller has found it ready."""
    taints = api.get("v1", "Node", name)["spec"].get("taints", [])
    return not any(taint["key"] == "node.kubernetes.io/not-ready" for taint in taints)
