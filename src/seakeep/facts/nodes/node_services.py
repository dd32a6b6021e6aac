"""Which of a node's own services has stopped: the kubelet, the container runtime under it, or the pod network's plug-in. The deepest one of a node is named, the others follow from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.nodes.kubelet_signs import kubelet_signs
from seakeep.facts.nodes.node_agents import cni_troubles, proxy_troubles
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, Sign
from seakeep.facts.nodes.nodes import (
    alert_evidence,
    alerts_on,
    condition_evidence,
    condition_of,
    is_down,
    is_joining,
    node,
    node_names,
    node_ref,
    ready_status,
    unit_checks,
    unit_evidence,
)
from seakeep.facts.nodes.sandboxes import Lack, lack_in, sandbox_failures
from seakeep.facts.once import once
from seakeep.model.objects import Event
from seakeep.model.pattern import late

RUNTIME_UNITS = frozenset({"containerd", "crio", "cri-o", "docker", "dockerd", "cri-docker", "cri-dockerd", "isulad"})
_UNITS_OF = {
    "containerd": frozenset({"containerd"}),
    "cri-o": frozenset({"crio", "cri-o"}),
    "docker": frozenset({"docker", "dockerd", "cri-docker", "cri-dockerd", "containerd"}),
}
_RUNTIME_SURE = late(
    r"container runtime is down|(?:containerd|crio|cri-dockerd|dockershim|docker)\.sock|docker daemon|runtime service failed|container runtime (?:is )?(?:not running|unavailable)",
    re.IGNORECASE,
)
_RUNTIME_FAIR = late(r"PLEG is not healthy|container runtime status check may not have completed", re.IGNORECASE)
_CNI = late(
    r"NetworkPluginNotReady|NetworkReady=false|network (?:plugin|is) (?:is )?not ready|cni plugin not initialized|cni config uninitialized|runtime network not ready",
    re.IGNORECASE,
)
# Conditions that node-problem-detector, AKS and EKS set; all but the last are True when something is wrong.
_RUNTIME_CONDITIONS = {
    "ContainerRuntimeUnhealthy": "True",
    "ContainerRuntimeProblem": "True",
    "FrequentContainerdRestart": "True",
    "FrequentDockerRestart": "True",
    "DockerHung": "True",
    "ContainerRuntimeReady": "False",
}
_RUNTIME_ALERTS = ("containerruntime", "containerddown", "containerdunavail", "dockerdown", "criodown", "runtimedown")


class Service(StrEnum):
    RUNTIME = "runtime"
    NETWORK = "network"
    KUBELET = "kubelet"


class Stopped(Struct, frozen=True):
    """`level` is CERTAIN, FAIR or WEAK; `signs` most telling first."""

    node: str
    service: Service
    level: int
    signs: tuple[Sign, ...]


@once
def stopped(index: Index) -> Mapping[str, Stopped]:
    """By node name; nodes with no such trouble are left out."""
    found: dict[str, Stopped] = {}
    named = {name for name, _ in alerts_on(index, (*_RUNTIME_ALERTS, "kubelet", "node")) if name}
    named |= {item.node for item in sandbox_failures(index) if item.node}
    named |= {check.origin.name for check in index.snapshot.checks if check.origin.kind == "Node"}
    for name in sorted({*node_names(index), *named, *kubelet_signs(index)}):
        if is_joining(index, node(index, name)):
            continue
        groups = [
            (Service.RUNTIME, _runtime(index, name)),
            (Service.KUBELET, kubelet_signs(index).get(name, ())),
            (Service.NETWORK, _network(index, name)),
        ]
        weighed = [
            Stopped(name, service, max(sign.level for sign in signs), _sorted(signs))
            for service, signs in groups
            if signs
        ]
        if weighed:
            # Of equally certain ones the first is the deepest: the kubelet waits for its runtime, and the plug-in's pod for the kubelet.
            found[name] = max(weighed, key=lambda item: item.level)
    return found


def _sorted(signs: tuple[Sign, ...]) -> tuple[Sign, ...]:
    return tuple(sorted(signs, key=lambda sign: -sign.level))


def _runtime(index: Index, name: str) -> tuple[Sign, ...]:
    item = node(index, name)
    found: list[Sign] = []
    ready = condition_of(item, "Ready")
    if item and ready and ready.status != "True":
        if _RUNTIME_SURE.search(ready.message):
            found.append(Sign(CERTAIN, condition_evidence(item, ready)))
        elif _RUNTIME_FAIR.search(ready.message):
            found.append(Sign(FAIR, condition_evidence(item, ready)))
    for part in item.status.conditions if item else ():
        if _RUNTIME_CONDITIONS.get(part.type) == part.status and item:
            found.append(Sign(FAIR, condition_evidence(item, part)))
    down, up = _runtime_units(index, name)
    if up and not down and ready_status(index, name) == "True":
        return ()  # back again
    found += down
    for failure in sandbox_failures(index):
        if failure.node == name and failure.lack is Lack.RUNTIME and failure.current:
            found.append(Sign(FAIR if ready_status(index, name) == "True" else CERTAIN, failure.evidence))
    found += [
        Sign(FAIR, event_evidence(index, event))
        for event in _events(index, name)
        if lack_in(event.text) is Lack.RUNTIME or _RUNTIME_SURE.search(event.text)
    ][:2]
    if not (up and not down):
        found += [
            Sign(FAIR, alert_evidence(alert, node_ref(name)))
            for where, alert in alerts_on(index, _RUNTIME_ALERTS)
            if where == name
        ]
    return tuple(found)


def _runtime_units(index: Index, name: str) -> tuple[list[Sign], bool]:
    """Signs from stopped units of the node's own runtime, and whether one of its units runs. A node may have Docker installed, stopped, beside the containerd that it uses."""
    item = node(index, name)
    version = item.status.node_info.container_runtime_version.partition(":")[0] if item else ""
    checks = unit_checks(index, name, _UNITS_OF.get(version, RUNTIME_UNITS))
    up = any(check.outcome == "ok" for check in checks)
    down = [check for check in checks if is_down(check)]
    if up and version != "docker":
        down = []
    if not version and len(down) > 1:
        down = [check for check in down if "loaded" in check.detail.lower()] or down
    return [Sign(CERTAIN, unit_evidence(check, name)) for check in down], up


def _events(index: Index, name: str) -> Iterator[Event]:
    """Recent warnings of a node that is not Ready, as far as was seen."""
    if ready_status(index, name) == "True":
        return
    for event in index.events_about(node_ref(name)):
        if event.type != "Normal" and is_recent(index, event.last_seen):
            yield event


def _network(index: Index, name: str) -> tuple[Sign, ...]:
    item = node(index, name)
    ready, network = condition_of(item, "Ready"), condition_of(item, "NetworkUnavailable")
    if ready and ready.status == "Unknown":
        return ()
    found: list[Sign] = []
    if item and ready and ready.status == "False" and _CNI.search(ready.message):
        found.append(Sign(CERTAIN, condition_evidence(item, ready)))
    if item and network and network.status == "True":
        found.append(Sign(CERTAIN, condition_evidence(item, network)))
    if not found:
        found += [
            Sign(FAIR, event_evidence(index, event)) for event in _events(index, name) if _CNI.search(event.text)
        ][:1]
    for part in item.status.conditions if item else ():
        if item and part.type == "NetworkingReady" and part.status == "False":
            found.append(Sign(FAIR, condition_evidence(item, part)))
    agents = [trouble for trouble in cni_troubles(index) if trouble.node == name and not trouble.peering]
    failures = [
        item for item in sandbox_failures(index) if item.node == name and item.lack is Lack.NETWORK and item.current
    ]
    proxied = any(trouble.node in {"", name} for trouble in proxy_troubles(index))
    for failure in failures:
        if not (failure.api and proxied):
            found.append(Sign(CERTAIN if agents or found else FAIR, failure.evidence))
    if not (failures and proxied and not found):
        found += [Sign(FAIR, part) for trouble in agents for part in trouble.evidence]
    return tuple(found)


def runtime_of(index: Index, name: str) -> str:
    """The unit's name: by the node's own word, else by the unit that was looked at, else by the socket in a message."""
    item = node(index, name)
    version = item.status.node_info.container_runtime_version.partition(":")[0] if item else ""
    if version:
        return {"cri-o": "crio"}.get(version, version)
    checked = [check.target for check in unit_checks(index, name, RUNTIME_UNITS) if is_down(check)]
    if checked:
        return checked[0].removesuffix(".service")
    found = stopped(index).get(name)
    text = " ".join(sign.evidence.value for sign in found.signs) if found else ""
    return next((unit for word, unit in (("crio", "crio"), ("docker", "docker")) if word in text), "containerd")
