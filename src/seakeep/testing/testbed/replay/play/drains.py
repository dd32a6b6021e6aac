"""Nodes that are drained, and replaced one after another."""

from __future__ import annotations

import re
import time

from seakeep.engine.play import REBOOT, drain_options, upgrade_stops
from seakeep.model.refs import Ref
from seakeep.model.scenario import Step
from seakeep.testing.testbed import nodes
from seakeep.testing.testbed.api import ApiError, Object
from seakeep.testing.testbed.replay.machines import fresh_node, is_up
from seakeep.testing.testbed.replay.play.desk import NO_NODE, Desk, kind_of

# A drain in which no pod moves for so long does not end by itself.
_STILL = 16.0
_BLOCKED = re.compile(r'error when evicting pods/"(?P<name>[^"]+)" -n "(?P<namespace>[^"]+)"(?P<rest>.*)')
_UNABLE = re.compile(r"due to error: (?P<why>.*?)(, continuing command\.\.\.)?$", re.MULTILINE)


def drain(desk: Desk, name: str, step: Step) -> bool:
    """Whether it went to its end."""
    drained, said = desk.plane.drain(name, _flags(step), _STILL + desk.longest_wait())
    if drained:
        return True
    pods = {(match["namespace"], match["name"]): match["rest"] for match in _BLOCKED.finditer(said)}
    left = [(*key, rest) for key, rest in sorted(pods.items()) if _still_there(desk, name, *key)]
    for namespace, pod, rest in left:
        status, message = desk.plane.evict(namespace, pod, dry_run=True)
        why = message if kind_of(status) == "blocked" else rest
        desk.refuse("blocked", Ref("Pod", namespace, pod), why)
    ending = _ending(desk, name)
    for ref in ending:
        desk.refuse("blocked", ref, "asked to end, and still there")
    if not left and not ending:
        unable = _UNABLE.search(said)
        text = unable["why"] if unable else said.strip().removeprefix("Error from server (NotFound): ")
        kind = "refused" if "(NotFound)" in said else "blocked"
        desk.refuse(kind, Ref("Node", "", name), text or "it was not drained")
    return False


def _flags(step: Step) -> list[str]:
    options = drain_options(step)
    flags = [f"--timeout={max(int(step.bound), 1)}s", f"--grace-period={options.grace_period}"]
    flags += ["--force"] if options.force else []
    flags += ["--ignore-daemonsets"] if options.ignore_daemonsets else []
    flags += ["--delete-emptydir-data"] if options.delete_emptydir_data else []
    flags += ["--disable-eviction"] if options.disable_eviction else []
    return flags


def _still_there(desk: Desk, node: str, namespace: str, name: str) -> bool:
    try:
        return bool(desk.api.get("v1", "Pod", name, namespace)["spec"].get("nodeName") == node)
    except ApiError:
        return False


def _ending(desk: Desk, node: str) -> list[Ref]:
    pods = desk.api.find("v1", "Pod", fieldSelector=f"spec.nodeName={node}")
    found = [item["metadata"] for item in pods if "deletionTimestamp" in item["metadata"]]
    return sorted(Ref("Pod", item["namespace"], item["name"]) for item in found)


def upgrade(desk: Desk, step: Step) -> None:
    names = list(step.targets) or sorted(item["metadata"]["name"] for item in desk.api.find("v1", "Node"))
    for position, name in enumerate(names):
        try:
            old = desk.api.get("v1", "Node", name)
        except ApiError as error:
            desk.refuse("refused", NO_NODE, error.server_message)
            return
        if not drain(desk, name, step):
            desk.refuse("blocked", Ref("Node", "", name), upgrade_stops(len(names) - position - 1))
            return
        _renew(desk, old, float(step.options.get("reboot", REBOOT)))


def _renew(desk: Desk, old: Object, reboot: float) -> None:
    """The machine leaves, and an equal one registers by the same name."""
    name = old["metadata"]["name"]
    desk.api.delete("v1", "Node", name)
    time.sleep(reboot)
    fresh = fresh_node(desk.plane, nodes.NodeSpec(name))
    taints = [item for item in old["spec"].get("taints", []) if not item["key"].startswith("node.kubernetes.io/")]
    metadata = {key: old["metadata"].get(key, {}) for key in ("labels", "annotations")} | {"name": name}
    spec = {**{key: value for key, value in old["spec"].items() if key != "unschedulable"}, "taints": taints}
    status = {**old["status"], "conditions": fresh["status"]["conditions"]}
    desk.api.request("POST", "/api/v1/nodes", {**fresh, "metadata": metadata, "spec": spec, "status": status})
    desk.plane.wait_for(f"node {name}", lambda: is_up(desk.api, name), 60.0)
