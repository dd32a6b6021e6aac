"""What the API server resets when an object is made or changed: status, generation, what it gave out itself. Source: pkg/registry/*/strategy.go."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import Job, KubeObject, Namespace, Node, PersistentVolumeClaim, Pod, Service, Unstructured
from seakeep.model.objects.cluster import NamespaceStatus
from seakeep.model.objects.storage import ClaimStatus
from seakeep.twin.admission.defaults_workloads import job_selector
from seakeep.twin.admission.pod_strategy import prepared
from seakeep.twin.generation import first, following

# Kinds whose `metadata.generation` the API server counts.
_COUNTED = frozenset(
    {
        *("Pod", "ReplicationController", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"),
        *("HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Ingress", "EndpointSlice"),
        *("PriorityClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "IngressClass"),
    }
)


def for_create(item: KubeObject) -> KubeObject:
    if isinstance(item, Pod):
        return prepared(item)
    if isinstance(item, Job):
        item = job_selector(item)
    if item.kind in _COUNTED or isinstance(item, Unstructured):
        item = replace(item, metadata=replace(item.metadata, generation=1))
    return _reset_status(first(item))


def _reset_status(item: KubeObject) -> KubeObject:
    # A kubelet registers its node with the status that it knows (registry/core/node).
    if not hasattr(item, "status") or isinstance(item, Node | Unstructured):
        return item
    fresh: Any = type(item.status)()  # each status has defaults for all fields
    if isinstance(item, Namespace):
        fresh = NamespaceStatus(phase="Active")
    elif isinstance(item, PersistentVolumeClaim):
        fresh = ClaimStatus(phase="Pending")
    return item if item.status == fresh else replace(item, status=fresh)


def for_update(new: KubeObject, old: KubeObject) -> KubeObject:
    metadata = replace(
        new.metadata,
        uid=old.metadata.uid,
        creation_timestamp=old.metadata.creation_timestamp,
        deletion_timestamp=old.metadata.deletion_timestamp,
        deletion_grace_period_seconds=old.metadata.deletion_grace_period_seconds,
        generation=old.metadata.generation,
    )
    # What is as it was stays the same value: whoever minds metadata only need not look.
    new = replace(new, metadata=old.metadata if metadata == old.metadata else metadata)
    if hasattr(new, "status") and hasattr(old, "status") and new.status != old.status:
        new = replace(new, status=old.status)
    if isinstance(new, Service) and isinstance(old, Service):
        new = _service(new, old)
    if (new.kind in _COUNTED or isinstance(new, Unstructured)) and _content(new) != _content(old):
        new = replace(new, metadata=replace(new.metadata, generation=old.metadata.generation + 1))
    return following(new, old, by_user=True)


def _content(item: KubeObject) -> KubeObject:
    """Without metadata and status; PriorityClasses and webhooks have no spec."""
    bare = replace(item, metadata=type(item.metadata)())
    return replace(bare, status=None) if hasattr(bare, "status") else bare


def _service(new: Service, old: Service) -> Service:
    """What only external Services have goes where the type changes and the request leaves it as it was."""
    spec, before = new.spec, old.spec
    if not spec.cluster_ip and spec.type != "ExternalName" and before.type != "ExternalName":
        spec = replace(spec, cluster_ip=before.cluster_ip)
    if spec.type == "ExternalName" != before.type and spec.cluster_ip == before.cluster_ip:
        spec = replace(spec, cluster_ip="")
    external = {"NodePort", "LoadBalancer"}
    if before.type in external and spec.type not in external:
        same = [port.node_port for port in spec.ports] == [port.node_port for port in before.ports]
        if same:
            spec = replace(spec, ports=tuple(replace(port, node_port=0) for port in spec.ports))
        if spec.external_traffic_policy == before.external_traffic_policy and not spec.external_ips:
            spec = replace(spec, external_traffic_policy="")
    asked = spec.allocate_load_balancer_node_ports
    if before.type == "LoadBalancer" and spec.type != before.type and asked == before.allocate_load_balancer_node_ports:
        spec = replace(spec, allocate_load_balancer_node_ports=None)
    return new if spec == new.spec else replace(new, spec=spec)
