"""What is said of a node: its Ready condition, its units, its alerts, the pods on it; and which node a check, an address, an alert or a pod's event means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import controller_of
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import Condition, Event, Node, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Alert, Check

# Labels by which exporters and rules name a node; `instance` is an address or a name with a port.
_NODE_LABELS = ("node", "nodename", "kubernetes_node", "node_name", "hostname", "host", "exported_node", "instance")
# A node pulls and starts the images of its agents before it is ready.
_JOINING = timedelta(minutes=2)
# Nodes that run no kubelet of the usual kind, and none of its DaemonSets.
_VIRTUAL = {"type": "virtual-kubelet", "eks.amazonaws.com/compute-type": "fargate"}


@once
def node_names(index: Index) -> tuple[str, ...]:
    """Nodes that were seen, and those that pods run on."""
    named = {pod.spec.node_name for pod in index.pods if pod.spec.node_name}
    return tuple(sorted(named | {node.name for node in index.snapshot.all(Node)}))


def node(index: Index, name: str) -> Node | None:
    return index.snapshot.get(Node, "", name)


def node_ref(name: str) -> Ref:
    return Ref("Node", "", name)


def nodes_of(index: Index, workload: Ref) -> set[str]:
    """On which its pods are that have not completed."""
    pods = index.pods_by_workload.get(workload, ())
    return {pod.spec.node_name for pod in pods if pod.spec.node_name and not is_finished(pod)}


def is_joining(index: Index, item: Node | None) -> bool:
    """Its network plug-in and its other agents are only being started. One that fell silent after it had come is none (node lifecycle controller: `NodeStatusUnknown`), nor is one that was ready: it is, or ordinary pods run on it."""
    made = item.metadata.creation_timestamp if item else None
    if item is None or made is None or not timedelta(0) <= index.now - made < _JOINING:
        return False
    ready = condition_of(item, "Ready")
    silent = ready is not None and ready.status == "Unknown" and ready.reason != "NodeStatusNeverUpdated"
    came = ready is not None and ready.status == "True"
    return not (silent or came or any(_is_guest(pod) for pod in index.pods_on(item.name)))


def _is_guest(pod: Pod) -> bool:
    """It runs, and is none of those that come before a node is ready: a static pod, a DaemonSet's, one that tolerates all."""
    owner = controller_of(pod)
    early = owner is not None and owner.kind in {"DaemonSet", "Node"}
    return pod.status.phase == "Running" and not early and not any(item.key == "" for item in pod.spec.tolerations)


def is_virtual(item: Node) -> bool:
    return any(item.labels.get(key) == value for key, value in _VIRTUAL.items())


def condition_of(item: Node | None, kind: str) -> Condition | None:
    return next((part for part in item.status.conditions if part.type == kind), None) if item else None


def ready_status(index: Index, name: str) -> str:
    """`True`, `False`, `Unknown`, or "" where the node was not seen."""
    found = condition_of(node(index, name), "Ready")
    return found.status if found else ""


def condition_evidence(item: Node, part: Condition) -> Evidence:
    text = ": ".join(word for word in (f"{part.status} {part.reason}".strip(), part.message[:260]) if word)
    return state_evidence(item, f"status.conditions[{part.type}]", text, part.last_transition_time)


@once
def _by_address(index: Index) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for item in index.snapshot.all(Node):
        found[item.name] = item.name
    found |= index.hosts_by_ip
    for pod in index.pods:
        if pod.status.host_ip and pod.spec.node_name:
            found.setdefault(pod.status.host_ip, pod.spec.node_name)
    return found


def node_at(index: Index, address: str) -> str:
    """The node of an address or host name, "" where none is known."""
    return _by_address(index).get(address, address if address in node_names(index) else "")


def node_of_origin(index: Index, origin: Ref) -> str:
    """Where a check ran: the node itself, or the node of its pod."""
    if origin.kind == "Node":
        return origin.name
    pod = index.snapshot.get(Pod, origin.namespace, origin.name) if origin.kind == "Pod" else None
    return pod.spec.node_name if pod else ""


def node_of_alert(index: Index, alert: Alert) -> str:
    for label in _NODE_LABELS:
        value = alert.labels.get(label, "")
        name = node_at(index, value) or node_at(index, value.rpartition(":")[0])
        if name:
            return name
    return alert.labels.get("node", "")


def node_of_event(index: Index, event: Event) -> str:
    """The node that a pod's event is from: the pod's, else the kubelet that wrote it, else the scheduler's word, else the only node there is."""
    if event.about.kind == "Node":
        return event.about.name
    pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
    if pod and pod.spec.node_name:
        return pod.spec.node_name
    if event.source.host:
        return event.source.host
    for other in index.events_about(event.about):
        if other.reason == "Scheduled" and " to " in other.text:
            return other.text.rpartition(" to ")[2].strip(" .")
    names = node_names(index)
    return names[0] if len(names) == 1 else ""


def pods_living_on(index: Index, name: str) -> tuple[Pod, ...]:
    return tuple(pod for pod in index.pods_on(name) if not is_finished(pod))


def unwell_on(index: Index, name: str) -> tuple[Ref, ...]:
    """Pods of the node that are not ready, or are being deleted."""
    return tuple(pod.ref for pod in pods_living_on(index, name) if not is_ready(pod))


@once
def _units(index: Index) -> Mapping[tuple[str, str], tuple[Check, ...]]:
    found: dict[tuple[str, str], list[Check]] = {}
    for check in index.snapshot.checks:
        name = node_of_origin(index, check.origin)
        if check.probe == "unit" and name:
            found.setdefault((name, check.target.removesuffix(".service").lower()), []).append(check)
    return {key: tuple(items) for key, items in found.items()}


def unit_checks(index: Index, name: str, units: Iterable[str]) -> tuple[Check, ...]:
    """The last check of each unit of the node. A unit that does not exist there tells nothing and is left out."""
    last = [_units(index)[name, unit][-1] for unit in sorted(units) if (name, unit) in _units(index)]
    return tuple(
        check
        for check in last
        if "could not be found" not in check.detail.lower() and "not-found" not in check.detail.lower()
    )


def is_down(check: Check) -> bool:
    return check.outcome in {"inactive", "failed"}


def unit_evidence(check: Check, name: str) -> Evidence:
    detail = f" ({check.detail[:200]})" if check.detail else ""
    return Evidence(node_ref(name), "check", f"unit {check.target}: {check.outcome}{detail}", check.time, True)


def alerts_on(index: Index, words: Iterable[str]) -> tuple[tuple[str, Alert], ...]:
    """Firing alerts with one of these words in their names (lower case), with the node that they mean ("" where they name none)."""
    wanted = tuple(words)
    return tuple(
        (node_of_alert(index, alert), alert)
        for alert in index.snapshot.alerts
        if alert.state == "firing" and any(word in alert.name.lower() for word in wanted)
    )


def alert_evidence(alert: Alert, about: Ref) -> Evidence:
    text = alert.annotations.get("description") or alert.annotations.get("summary") or ""
    return Evidence(about, "alert", f"{alert.name}: {text[:240]}".rstrip(": "), alert.starts_at, True)
