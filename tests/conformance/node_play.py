"""Plays what befalls nodes, and says what becomes of them and their pods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from seakeep.testing.testbed import build, nodes
from seakeep.testing.testbed.nodes import NodeSpec
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.controllers.pod_gc import PodCollector
from seakeep.twin.controllers.taint_eviction import TaintEviction
from tests.conformance.by_hand import Kinds, Played, Side, plain
from tests.conformance.node_cases import Case, Step
from tests.conformance.workload_cases import Object

_HEALTHY = "NetworkUnavailable", ("False", "RouteCreated", "RouteController created a route")


class NodeSuite(Played[Case]):
    what = "taints and conditions of nodes, and what is left of their pods, after each step of a sequence"
    kinds: Kinds = {"Node": "v1", "Pod": "v1"}

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (NodeLifecycle(), TaintEviction(), PodCollector())

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        for number in range(case.nodes):
            side.create(_node(case, number))
        side.rest()  # the taint of a new node goes
        for pod in case.pods:
            side.create(pod)
            side.patch("Pod", pod["metadata"]["name"], {"status": _running(side)}, status=True)
        found = [side.rest()]
        for step in case.steps:
            _do(side, step, case, found[-1])
            found.append(side.rest(step.wait))
        return found

    def told(self, items: list[Object]) -> Any:
        return {f"{each['kind']}/{each['metadata']['name']}": _told(each) for each in items if not each["metadata"]["name"].startswith("still-")}  # fmt: skip

    def known(self, case: Case, texts: list[str]) -> str:
        served = all("out-of-service" not in step.value for step in case.steps)
        return "" if served or any("/Pod/" not in text.partition(":")[0] for text in texts) else "pod-gc-times"

    def clean(self, side: Side, left: list[Object]) -> None:
        for item in left:
            if item["kind"] == "Pod":
                side.delete("Pod", item["metadata"]["name"], grace=0)
        for item in left:
            if item["kind"] == "Node":
                side.delete("Node", item["metadata"]["name"])


def _node(case: Case, number: int) -> Object:
    labels = {"topology.kubernetes.io/zone": f"zone-of-{case.namespace}"}
    spec = NodeSpec(case.node(number), labels=labels, conditions=dict([_HEALTHY]))
    found = nodes.manifest(spec, 1000 + number, 1, build.KUBERNETES, dt.datetime.now(dt.UTC))
    found["metadata"]["labels"].pop(nodes.MANAGED)  # nobody plays its pods
    for key in ("podCIDR", "podCIDRs"):
        found["spec"].pop(key)
    return found


def _running(side: Side) -> Object:
    stamp = _stamp(side)
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": stamp}
    bound = {"type": "PodScheduled", "status": "True", "lastTransitionTime": stamp}
    return {"phase": "Running", "startTime": stamp, "conditions": [bound, ready]}


def _stamp(side: Side) -> str:
    return side.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _do(side: Side, step: Step, case: Case, items: list[Object]) -> None:
    name = case.node(step.node)
    node = next(item for item in items if item["kind"] == "Node" and item["metadata"]["name"] == name)
    key, _, effect = step.value.partition(":")
    key, _, value = key.partition("=")
    taints = node["spec"].get("taints") or []
    others = [each for each in taints if (each["key"], each["effect"]) != (key, effect)]
    match step.what:
        case "condition":
            conditions = [dict(each) for each in node["status"]["conditions"]]
            for each in conditions:
                if each["type"] == step.kind and each["status"] != step.value:
                    each |= {"status": step.value, "reason": f"Kubelet{step.value}", "message": "as it is said", "lastTransitionTime": _stamp(side)}  # fmt: skip
            side.patch("Node", name, {"status": {"conditions": conditions}}, status=True)
        case "cordon":
            side.patch("Node", name, {"spec": {"unschedulable": step.value == "on"}})
        case "untaint":
            side.patch("Node", name, {"spec": {"taints": others}})
        case "taint":
            new = {"key": key, "value": value, "effect": effect, "timeAdded": _stamp(side)}
            side.patch("Node", name, {"spec": {"taints": [*others, new]}})


def _told(item: Object) -> Any:
    said = plain(item)
    if item["kind"] == "Node":
        taints = sorted([each["key"], each["value"], each["effect"]] for each in said["spec"]["taints"])
        conditions = {each["type"]: [each["status"], each["reason"], each["message"]] for each in said["status"]["conditions"]}  # fmt: skip
        return {"taints": taints, "unschedulable": said["spec"]["unschedulable"], "conditions": conditions}
    conditions = {
        each["type"]: [each["status"], each["reason"], each["message"]] for each in said["status"]["conditions"]
    }
    return {"phase": said["status"]["phase"], "terminating": bool(said["metadata"].get("deletionTimestamp")), "conditions": conditions}  # fmt: skip
