"""Nodes, and the pods that their descriptions list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seakeep.adapters.transcript.describe import pods
from seakeep.adapters.transcript.describe.sections import Sections, below, pairs, table, text

Raw = dict[str, Any]


def node(sections: Sections) -> Raw:
    taints = []
    for entry in sections["Taints"].all if "Taints" in sections else ():
        match = re.match(r"(?P<key>[^=:\s]+)(?:=(?P<value>[^:]*))?:(?P<effect>\w+)", entry)
        if match:
            taints.append({"key": match["key"], "value": match["value"] or "", "effect": match["effect"]})
    info = pairs(sections.get("System Info"), ":")
    addresses = pairs(sections.get("Addresses"), ":")
    return {
        "spec": {
            "taints": taints,
            "unschedulable": text(sections, "Unschedulable") == "true",
            "podCIDR": text(sections, "PodCIDR"),
        },
        "status": {
            "conditions": pods.conditions(sections),
            "capacity": pairs(sections.get("Capacity"), ":"),
            "allocatable": pairs(sections.get("Allocatable"), ":"),
            "addresses": [{"type": key, "address": value} for key, value in addresses.items()],
            "nodeInfo": {
                "architecture": info.get("Architecture", ""),
                "kubeletVersion": info.get("Kubelet Version", ""),
                "containerRuntimeVersion": info.get("Container Runtime Version", ""),
                "osImage": info.get("OS Image", ""),
            },
        },
    }


def pods_of_node(sections: Sections, node: str) -> Iterator[Raw]:
    """The pods that a node's description lists, with their requests: known by name and place only."""
    for row in table(below(sections, "Non-terminated Pods")):
        if not row.get("Name") or not row.get("Namespace"):
            continue
        requests = {
            key: row.get(column, "").partition(" ")[0]
            for key, column in (("cpu", "CPU Requests"), ("memory", "Memory Requests"))
        }
        limits = {
            key: row.get(column, "").partition(" ")[0]
            for key, column in (("cpu", "CPU Limits"), ("memory", "Memory Limits"))
        }
        yield {
            "kind": "Pod",
            "named": True,
            "metadata": {"name": row["Name"], "namespace": row["Namespace"]},
            "spec": {
                "nodeName": node,
                "containers": [
                    {"name": "#node", "resources": {"requests": _set_only(requests), "limits": _set_only(limits)}}
                ],
            },
        }


def _set_only(amounts: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in amounts.items() if value not in {"", "0"}}
