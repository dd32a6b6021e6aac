"""Whether a node's kubelet works: its condition, its lease, its unit, its port, and what the node controller said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from seakeep.facts.calls.calls import LOST, Call, calls
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK, Sign
from seakeep.facts.nodes.nodes import (
    alert_evidence,
    alerts_on,
    condition_evidence,
    condition_of,
    is_down,
    node_at,
    node_names,
    node_of_origin,
    node_ref,
    ready_status,
    unit_checks,
    unit_evidence,
)
from seakeep.facts.once import once
from seakeep.model.objects import Lease, Node, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# The unit that the kubelet runs in: of its own, or inside k3s, RKE2, k0s, MicroK8s.
KUBELET_UNITS = frozenset(
    {
        "kubelet",
        "k3s",
        "k3s-agent",
        "rke2-server",
        "rke2-agent",
        "k0sworker",
        "snap.microk8s.daemon-kubelite",
        "kubelite",
    }
)
# The kubelet's API and its health port (kubelet `--port`, `--healthz-port`).
KUBELET_PORTS = frozenset({10250, 10248})
# Node leases last 40 s and are renewed every 10 s; the node controller waits 50 s (40 s before 1.32).
LEASE_STALE = timedelta(seconds=60)
_ALERTS = ("kubeletdown", "kubeletunavail", "nodenotready", "nodeunreachable", "kubeletnotrunning", "kubeletstopped")
_NPD = {"KubeletUnhealthy": "True", "KubeletProblem": "True", "FrequentKubeletRestart": "True"}
# The transcript's reader writes these calls down for the API server.
API_SERVER = Ref("Service", "default", "kubernetes")
_ABOUT = late(r"\((?:exec|logs?|attach|debug|port-forward|cp) (?P<namespace>[\w.-]+)/(?P<name>[\w.-]+): ")
_LOST_PODS = frozenset({"NodeLost"})


@once
def kubelet_signs(index: Index) -> Mapping[str, tuple[Sign, ...]]:
    """By node name."""
    found: dict[str, list[Sign]] = defaultdict(list)
    for name, sign in (
        *_conditions(index),
        *_leases(index),
        *_units(index),
        *_pods(index),
        *_events(index),
        *_alerts(index),
        *_ports(index),
    ):
        found[name].append(sign)
    return {name: tuple(signs) for name, signs in sorted(found.items())}


def _conditions(index: Index) -> Iterator[tuple[str, Sign]]:
    nodes = tuple(index.snapshot.all(Node))
    unknown = [item for item in nodes if ready_status(index, item.name) == "Unknown"]
    everywhere = len(nodes) > 1 and len(unknown) == len(nodes)
    for item in nodes:
        # A description that was cut off before the last condition: the node controller sets all of them at once.
        ready = condition_of(item, "Ready") or next(
            (part for part in item.status.conditions if part.reason == "NodeStatusUnknown"), None
        )
        if ready is None:
            continue
        if ready.status == "Unknown":
            active = any(check.outcome == "ok" for check in unit_checks(index, item.name, KUBELET_UNITS))
            level = FAIR if everywhere or active else CERTAIN
            yield item.name, Sign(level, condition_evidence(item, ready))
        elif ready.status == "False" and not ready.reason and index.snapshot.depth(item.ref) is Depth.TABLE:
            yield item.name, Sign(WEAK, condition_evidence(item, ready))
        for part in item.status.conditions:
            if _NPD.get(part.type) == part.status:
                yield item.name, Sign(FAIR, condition_evidence(item, part))


def _leases(index: Index) -> Iterator[tuple[str, Sign]]:
    """Against the newest of the other leases, which were read at the same time; a single one against the snapshot's time."""
    times = {
        item.name: (item, item.spec.renew_time)
        for item in index.snapshot.all(Lease)
        if item.namespace == "kube-node-lease" and item.spec.renew_time
    }
    for name, (lease, renewed) in times.items():
        others = [time for other, (_, time) in times.items() if other != name]
        latest = max(others) if others else index.snapshot.taken_at
        if renewed and latest and latest - renewed > LEASE_STALE and not index.snapshot.is_absent(node_ref(name)):
            behind = int((latest - renewed).total_seconds())
            text = f"{renewed.isoformat()}, {behind} s behind {'the newest' if others else 'the snapshot'}"
            yield name, Sign(FAIR, state_evidence(lease, "spec.renewTime", text, renewed))


def _units(index: Index) -> Iterator[tuple[str, Sign]]:
    origins = {node_of_origin(index, check.origin) for check in index.snapshot.checks if check.probe == "unit"}
    for name in sorted(origins - {""}):
        for check in unit_checks(index, name, KUBELET_UNITS):
            if is_down(check):
                yield name, Sign(CERTAIN, unit_evidence(check, name))


def _pods(index: Index) -> Iterator[tuple[str, Sign]]:
    for pod in index.pods:
        if pod.status.reason in _LOST_PODS and pod.spec.node_name and ready_status(index, pod.spec.node_name) != "True":
            text = f"{pod.status.reason}: {pod.status.message}"[:300]
            yield pod.spec.node_name, Sign(FAIR, state_evidence(pod, "status.reason", text))


def _events(index: Index) -> Iterator[tuple[str, Sign]]:
    """Only the node controller says it of a node that is silent; the kubelet itself says it of one that is merely not ready."""
    for event in index.events_with("KubeletFailed"):  # its journal, in a transcript
        if ready_status(index, event.about.name) != "True" and is_recent(index, event.last_seen):
            yield event.about.name, Sign(CERTAIN, event_evidence(index, event))
    for event in index.events_with("NodeNotReady", "NodeStatusUnknown"):
        if event.about.kind != "Node" or "kubelet" in (event.source.component, event.reporting_component):
            continue
        state = ready_status(index, event.about.name)
        if state == "True" or not is_recent(index, event.last_seen):
            continue
        told = condition_of(index.snapshot.get(Node, "", event.about.name), "Ready")
        if not (state == "False" and told and told.message):
            yield event.about.name, Sign(FAIR, event_evidence(index, event))


def _alerts(index: Index) -> Iterator[tuple[str, Sign]]:
    """An alert outlives the fault by minutes: a node that is Ready now contradicts it."""
    found = [*alerts_on(index, _ALERTS)]
    found += [
        (name, alert)
        for name, alert in alerts_on(index, ("targetdown", "instancedown"))
        if alert.labels.get("job", "") == "kubelet"
    ]
    for name, alert in found:
        if not name:
            continue
        state = ready_status(index, name)
        told = condition_of(index.snapshot.get(Node, "", name), "Ready")
        if state == "True":
            if "kubelet" in alert.name.lower() or alert.labels.get("job") == "kubelet":
                yield name, Sign(WEAK, alert_evidence(alert, node_ref(name)))
        elif not (state == "False" and told and told.message):
            yield name, Sign(FAIR, alert_evidence(alert, node_ref(name)))


def _ports(index: Index) -> Iterator[tuple[str, Sign]]:
    """Nobody answers on the kubelet's port. A node whose heartbeats still come has a live kubelet behind a closed way."""
    for call in kubelet_calls(index):
        name = node_called(index, call)
        if not name or not call.failed or call.outcome not in LOST | {"refused"}:
            continue
        alive = ready_status(index, name) == "True"
        level = FAIR if call.outcome == "refused" or not alive else WEAK
        yield name, Sign(level, call.evidence)


def kubelet_calls(index: Index) -> tuple[Call, ...]:
    """To the kubelet's ports, and those that the API server made for `exec` and `logs`."""
    return tuple(call for call in calls(index) if call.port in KUBELET_PORTS or call.origin == API_SERVER)


def node_called(index: Index, call: Call) -> str:
    """The node whose kubelet was called: by its address, else as the node of the pod that `exec` or `logs` was about."""
    if call.origin == API_SERVER and (match := _ABOUT.search(call.evidence.value)):
        pod = index.snapshot.get(Pod, match["namespace"], match["name"])
        if pod and pod.spec.node_name:
            return pod.spec.node_name
        if match["name"] in node_names(index):
            return match["name"]
    if call.host in {"localhost", "127.0.0.1", "::1"}:
        return call.origin.name if call.origin.kind == "Node" else ""
    return node_at(index, call.host)
