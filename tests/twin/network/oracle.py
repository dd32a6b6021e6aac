"""NetworkPolicy read off its API documentation, sentence by sentence, on plain manifests: slow, and sharing no code with what it checks."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

Object = dict[str, Any]


def allows(world: list[Object], source: Object, target: Object, port: int, protocol: str) -> bool:
    """`source` and `target` are pods of the world."""
    if _name(source) == _name(target):
        return True
    same_node = source["spec"]["nodeName"] == target["spec"]["nodeName"]
    if same_node and (_on_host(source) or _on_host(target)):
        return True
    out = _direction(world, "Egress", source, target, target, port, protocol)
    return out and _direction(world, "Ingress", target, source, target, port, protocol)


def _direction(
    world: list[Object], kind: str, owner: Object, other: Object, target: Object, port: int, protocol: str
) -> bool:
    """A pod that no policy selects for a direction is open in it; any selected one is allowed what at least one policy's rule allows."""
    if _on_host(owner):
        return True
    selected = False
    for item in world:
        if item["kind"] != "NetworkPolicy" or item["metadata"]["namespace"] != owner["metadata"]["namespace"]:
            continue
        spec = item["spec"]
        if not _selects(spec.get("podSelector", {}), owner["metadata"].get("labels", {})):
            continue
        types = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
        if kind not in types:
            continue
        selected = True
        side, rules = ("from", spec.get("ingress")) if kind == "Ingress" else ("to", spec.get("egress"))
        for rule in rules or []:
            if _any_peer(world, item, rule.get(side) or [], other) and _any_port(
                rule.get("ports") or [], target, port, protocol
            ):
                return True
    return not selected


def _any_peer(world: list[Object], item: Object, peers: list[Object], other: Object) -> bool:
    if not peers:
        return True
    for peer in peers:
        if "ipBlock" in peer:
            address = ip_address(other["status"]["podIP"])
            block = peer["ipBlock"]
            left_out = [part for part in block.get("except") or [] if address in ip_network(part)]
            if address in ip_network(block["cidr"]) and not left_out:
                return True
            continue
        if _on_host(other):
            continue
        space = other["metadata"]["namespace"]
        if "namespaceSelector" in peer:
            labels = next(
                each["metadata"]["labels"]
                for each in world
                if each["kind"] == "Namespace" and each["metadata"]["name"] == space
            )
            if not _selects(peer["namespaceSelector"], labels):
                continue
        elif space != item["metadata"]["namespace"]:
            continue
        if "podSelector" not in peer or _selects(peer["podSelector"], other["metadata"].get("labels", {})):
            return True
    return False


def _any_port(ports: list[Object], target: Object, port: int, protocol: str) -> bool:
    if not ports:
        return True
    for item in ports:
        if item.get("protocol", "TCP") != protocol:
            continue
        wanted = item.get("port")
        if wanted is None:
            return True
        if isinstance(wanted, str):
            for container in target["spec"]["containers"]:
                for each in container.get("ports", []):
                    if (
                        each.get("name") == wanted
                        and each.get("protocol", "TCP") == protocol
                        and each["containerPort"] == port
                    ):
                        return True
        elif "endPort" in item:
            if wanted <= port <= item["endPort"]:
                return True
        elif wanted == port:
            return True
    return False


def _selects(selector: Object, labels: dict[str, str]) -> bool:
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or labels[key] != value:
            return False
    for part in selector.get("matchExpressions") or []:
        key, values = part["key"], part.get("values") or []
        if part["operator"] == "In":
            holds = key in labels and labels[key] in values
        elif part["operator"] == "NotIn":
            holds = key not in labels or labels[key] not in values
        elif part["operator"] == "Exists":
            holds = key in labels
        else:
            holds = key not in labels
        if not holds:
            return False
    return True


def _on_host(pod: Object) -> bool:
    return bool(pod["spec"].get("hostNetwork"))


def _name(pod: Object) -> tuple[str, str]:
    return pod["metadata"]["namespace"], pod["metadata"]["name"]
