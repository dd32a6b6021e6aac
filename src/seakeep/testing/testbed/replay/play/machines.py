"""Nodes that are lost and come back, cordoned and tainted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.model.scenario import Step
from seakeep.testing.testbed import nodes
from seakeep.testing.testbed.replay.machines import fresh_node
from seakeep.testing.testbed.replay.play.desk import NO_NODE, Desk, decoded
from seakeep.twin.controllers.zones import zone_of


def chosen(desk: Desk, step: Step) -> list[str]:
    """The step's nodes, or all of its zones'."""
    zones = step.options.get("zones", ())
    if not zones:
        return list(step.targets)
    found = [decoded(item) for item in desk.api.find("v1", "Node")]
    names = [item.name for item in found if zone_of(item)[1] in zones]
    if not names:
        desk.refuse("refused", NO_NODE, f"no node is in zone {', '.join(zones)}")
    return names


def lose(desk: Desk, name: str) -> None:
    desk.plane.lose_node(name)
    desk.lost.add(name)


def bring_back(desk: Desk, name: str) -> None:
    """Its kubelet posts its status, and that of the pods whose containers never stopped."""
    desk.lost.discard(name)
    found = desk.api.get("v1", "Node", name)
    fresh = fresh_node(desk.plane, nodes.NodeSpec(name))
    posted = {item["type"]: item for item in fresh["status"]["conditions"]}
    others = [item for item in found["status"].get("conditions", []) if item["type"] not in posted]
    desk.api.merge("v1", "Node", name, "", {"metadata": {"labels": {nodes.MANAGED: "kwok"}}})
    desk.api.merge("v1", "Node", name, "", {"status": {"conditions": [*others, *posted.values()]}}, "status")
    for pod in desk.api.find("v1", "Pod", fieldSelector=f"spec.nodeName={name}"):
        said = {item["type"]: item for item in pod["status"].get("conditions", [])}
        running = all(item.get("ready") for item in pod["status"].get("containerStatuses", []))
        metadata = pod["metadata"]
        if "deletionTimestamp" in metadata or "Ready" not in said or not running:
            continue
        said["Ready"] |= {"status": "True", "reason": None, "message": None}
        body = {"status": {"conditions": list(said.values())}}
        desk.api.merge("v1", "Pod", metadata["name"], metadata["namespace"], body, "status")


def cordon(desk: Desk, name: str) -> None:
    desk.api.merge("v1", "Node", name, "", {"spec": {"unschedulable": True}})


def uncordon(desk: Desk, name: str) -> None:
    desk.api.merge("v1", "Node", name, "", {"spec": {"unschedulable": None}})


def taint(desk: Desk, name: str, options: Mapping[str, Any]) -> None:
    new = {key: str(options.get(key, "")) for key in ("key", "value", "effect")}
    new["effect"] = new["effect"] or "NoExecute"
    old = desk.api.get("v1", "Node", name)["spec"].get("taints", [])
    kept = [item for item in old if (item["key"], item["effect"]) != (new["key"], new["effect"])]
    desk.api.merge("v1", "Node", name, "", {"spec": {"taints": [*kept, new]}})
