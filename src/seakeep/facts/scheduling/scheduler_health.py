"""Whether the scheduler works: pods that it has not looked at, its own pod, its lease, its unit."""

from __future__ import annotations

from datetime import timedelta

from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.placement import is_control_plane
from seakeep.facts.scheduling.scheduling import scheduler_message, waits_for_node
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.podstate import is_ready, status_column
from seakeep.model.cause import Evidence
from seakeep.model.objects import Lease, Node, PersistentVolumeClaim, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# The scheduler looks at a new pod within milliseconds; a minute is generous.
PATIENCE = timedelta(seconds=60)
# kube-scheduler's defaults: lease of 15 s, renewed every 2 s.
LEASE_STALE = timedelta(seconds=60)
DEFAULT_SCHEDULER = "default-scheduler"


@once
def overlooked(index: Index) -> tuple[Pod, ...]:
    """Pending pods of the default scheduler that have neither a PodScheduled condition nor a FailedScheduling event, and are older than a minute.

    A table shows no conditions: there a pod counts only where events were read and none is about it.
    """
    return tuple(pod for pod in index.pods if waits_for_node(pod) and _is_overlooked(index, pod))


def _is_overlooked(index: Index, pod: Pod) -> bool:
    created = pod.metadata.creation_timestamp
    depth = index.snapshot.depth(pod.ref)
    if pod.spec.scheduler_name not in {"", DEFAULT_SCHEDULER} or (created and index.now - created < PATIENCE):
        return False
    if scheduler_message(index, pod)[0] or any(item.type == "PodScheduled" for item in pod.status.conditions):
        return False
    if depth >= Depth.DESCRIBED and _waits_for_volume(index, pod):
        return False  # the scheduler has chosen a node and waits for the volume; it says so only after ten minutes
    if depth >= Depth.DESCRIBED:
        return not any(event.reason in {"FailedScheduling", "Scheduled"} for event in index.events_about(pod.ref))
    return depth is Depth.TABLE and index.snapshot.lists_all("Event", pod.namespace)


def _waits_for_volume(index: Index, pod: Pod) -> bool:
    claims = [index.snapshot.get(PersistentVolumeClaim, pod.namespace, name) for name in claim_names(pod.spec)]
    return any(
        claim is not None
        and claim.status.phase == "Pending"
        and (
            "volume.kubernetes.io/selected-node" in claim.metadata.annotations
            or any(
                event.reason in {"ExternalProvisioning", "Provisioning", "ProvisioningFailed"}
                for event in index.events_about(claim.ref)
            )
        )
        for claim in claims
    )


def scheduler_pods(index: Index) -> tuple[Pod, ...]:
    return tuple(
        pod
        for pod in index.pods_in("kube-system")
        if pod.name.startswith("kube-scheduler") or pod.labels.get("component") == "kube-scheduler"
    )


def node_of(pod: Pod) -> Ref | None:
    """A static pod is named after its node."""
    name = pod.spec.node_name or pod.name.removeprefix("kube-scheduler-")
    return Ref("Node", "", name) if name and name != pod.name else None


def control_plane_nodes(index: Index) -> tuple[Ref, ...]:
    return tuple(node.ref for node in index.snapshot.all(Node) if is_control_plane(node))


def signs_of_trouble(index: Index) -> tuple[Evidence, ...]:
    """What shows that the scheduler itself does not run; () where nothing does."""
    found: list[Evidence] = []
    pods = scheduler_pods(index)
    if pods and not any(is_ready(pod) for pod in pods):
        found += [state_evidence(pod, "status", status_column(pod)) for pod in pods]
    for check in index.snapshot.checks:
        if check.probe == "unit" and "scheduler" in check.target and check.outcome in {"inactive", "failed"}:
            found.append(Evidence(check.origin, "check", f"unit {check.target}: {check.outcome}", check.time))
    lease = index.snapshot.get(Lease, "kube-system", "kube-scheduler")
    if lease and lease.spec.renew_time and index.now - lease.spec.renew_time > LEASE_STALE:
        found.append(state_evidence(lease, "spec.renewTime", lease.spec.renew_time.isoformat(), lease.spec.renew_time))
    found += [
        Evidence(
            Ref("Pod", alert.labels.get("namespace", "kube-system"), alert.labels.get("pod", "kube-scheduler")),
            "alert",
            alert.name,
            alert.starts_at,
        )
        for alert in index.snapshot.alerts
        if alert.state == "firing" and alert.name in {"KubeSchedulerDown", "KubeSchedulerAbsent"}
    ]
    return tuple(found)


def scheduler_is_listed_absent(index: Index) -> bool:
    """The control plane runs as pods here, and there is no scheduler among them. (Managed and k3s-like clusters show no control-plane pods at all.)"""
    others = any(
        pod.name.startswith(("kube-apiserver-", "kube-controller-manager-")) for pod in index.pods_in("kube-system")
    )
    return others and not scheduler_pods(index) and index.snapshot.lists_all("Pod", "kube-system")
