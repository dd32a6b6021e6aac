"""A part of the control plane that should run: its static pods, its lease, its unit, and the alerts about it."""

from __future__ import annotations

from datetime import timedelta

from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready, status_column
from seakeep.model.cause import Evidence
from seakeep.model.objects import Lease, Pod
from seakeep.model.refs import Ref

# Leases of the scheduler and the controller manager: 15 s by default, renewed every 2 s.
LEASE_STALE = timedelta(seconds=60)
_PARTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


def component_pods(index: Index, component: str) -> tuple[Pod, ...]:
    return tuple(
        pod
        for pod in index.pods_in("kube-system")
        if pod.name.startswith(component) or pod.labels.get("component") == component
    )


def component_node(pod: Pod, component: str) -> Ref | None:
    """A static pod is named after its node."""
    name = pod.spec.node_name or pod.name.removeprefix(f"{component}-")
    return Ref("Node", "", name) if name and name != pod.name else None


def component_signs(index: Index, component: str, alerts: frozenset[str]) -> tuple[Evidence, ...]:
    """What shows that it does not run; () where nothing does."""
    found: list[Evidence] = []
    pods = component_pods(index, component)
    if pods and not any(is_ready(pod) for pod in pods):
        found += [state_evidence(pod, "status", status_column(pod)) for pod in pods]
    word = component.removeprefix("kube-")
    for check in index.snapshot.checks:
        if check.probe == "unit" and word in check.target and check.outcome in {"inactive", "failed"}:
            found.append(Evidence(check.origin, "check", f"unit {check.target}: {check.outcome}", check.time))
    lease = index.snapshot.get(Lease, "kube-system", component)
    if lease and lease.spec.renew_time and index.now - lease.spec.renew_time > LEASE_STALE:
        found.append(state_evidence(lease, "spec.renewTime", lease.spec.renew_time.isoformat(), lease.spec.renew_time))
    found += [
        Evidence(
            Ref("Pod", alert.labels.get("namespace", "kube-system"), alert.labels.get("pod", component)),
            "alert",
            alert.name,
            alert.starts_at,
        )
        for alert in index.snapshot.alerts
        if alert.state == "firing" and alert.name in alerts
    ]
    return tuple(found)


def is_listed_absent(index: Index, component: str) -> bool:
    """The control plane runs as pods here, and this part is not among them. (Managed and k3s-like clusters show no control-plane pods at all.)"""
    others = tuple(f"{part}-" for part in _PARTS if part != component)
    return (
        any(pod.name.startswith(others) for pod in index.pods_in("kube-system"))
        and not component_pods(index, component)
        and index.snapshot.lists_all("Pod", "kube-system")
    )
