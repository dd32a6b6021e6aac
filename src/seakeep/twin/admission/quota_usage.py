"""What objects use of a quota, and which of its resources and scopes concern them. Source: pkg/quota/v1/evaluator/core, apiserver pkg/quota/v1/generic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import KubeObject, PersistentVolumeClaim, Pod, ResourceQuota, Service
from seakeep.model.objects.pods import PodAffinity
from seakeep.twin.admission.amounts import ONE, ZERO, Amount, Amounts, amounts, count
from seakeep.twin.admission.pod_resources import charged, overcommitted, qos_class
from seakeep.twin.admission.request import resource_of
from seakeep.twin.admission.storage import class_of
from seakeep.twin.moments import after

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_POD_NAMES = frozenset(
    {"count/pods", "pods", *_COMPUTE, *(f"{side}.{name}" for side in ("requests", "limits") for name in _COMPUTE)}
)
_CLAIM_NAMES = ("persistentvolumeclaims", "requests.storage")
_CLASS = ".storageclass.storage.k8s.io/"
_ALIASES = frozenset({"configmaps", "resourcequotas", "replicationcontrollers", "secrets"})
_SERVICE_NAMES = frozenset({"count/services", "services", "services.nodeports", "services.loadbalancers"})
Scope = Mapping[str, Any]


def tracked(resource: str, names: Iterable[str]) -> list[str]:
    """Those of a quota's resources that objects of `resource` (`pods`, `deployments.apps`) use, by name."""
    if resource == "pods":
        return sorted(name for name in names if name in _POD_NAMES or _of_pods(name))
    if resource == "persistentvolumeclaims":
        return sorted(name for name in names if _of_claims(name))
    if resource == "services":
        return sorted(name for name in names if name in _SERVICE_NAMES)
    own = {f"count/{resource}", resource} if resource in _ALIASES else {f"count/{resource}"}
    return sorted(name for name in names if name in own)


def _of_pods(name: str) -> bool:
    """Huge pages, extended resources and device classes."""
    return name.startswith(("hugepages-", "requests.hugepages-", "requests.deviceclass.resource.kubernetes.io/")) or (
        name.startswith("requests.") and "/" in name and "kubernetes.io/" not in name
    )


def _of_claims(name: str) -> bool:
    return name in {"count/persistentvolumeclaims", *_CLAIM_NAMES} or any(
        name.endswith(_CLASS + own) for own in _CLAIM_NAMES
    )


def usage(item: KubeObject, now: datetime | None = None) -> Amounts:
    """`now` tells pods that have outlived their grace period; they no longer count."""
    match item:
        case Pod():
            return _pod(item, now)
        case PersistentVolumeClaim():
            return _claim(item)
        case Service():
            return _service(item)
    resource = resource_of(item)
    return {f"count/{resource}": ONE} | ({resource: ONE} if resource in _ALIASES else {})


def _pod(pod: Pod, now: datetime | None) -> Amounts:
    found: Amounts = {"count/pods": ONE}
    if is_ended(pod) or _overdue(pod, now):
        return found
    requests, limits = charged(pod)
    found["pods"] = ONE
    for name in _COMPUTE:
        if name in requests:
            found[name] = found[f"requests.{name}"] = requests[name]
        if name in limits:
            found[f"limits.{name}"] = limits[name]
    for name, amount in requests.items():
        if name.startswith("hugepages-"):
            found[name] = found[f"requests.{name}"] = amount
        elif not overcommitted(name) or name.startswith("deviceclass.resource.kubernetes.io/"):
            found[f"requests.{name}"] = amount
    return found


def _overdue(pod: Pod, now: datetime | None) -> bool:
    deleted, grace = pod.metadata.deletion_timestamp, pod.metadata.deletion_grace_period_seconds
    return bool(now and deleted and grace is not None and now > after(deleted, grace))


def _claim(claim: PersistentVolumeClaim) -> Amounts:
    found: Amounts = {"persistentvolumeclaims": ONE, "count/persistentvolumeclaims": ONE}
    storage = amounts(claim.spec.resources.requests).get("storage")
    if storage is not None:
        found["requests.storage"] = Amount(storage.whole * ONE.nano, storage.form)
    name = class_of(claim)
    if name:
        found |= {f"{name}{_CLASS}{own}": found[own] for own in _CLAIM_NAMES if own in found}
    return found


def _service(service: Service) -> Amounts:
    spec = service.spec
    ports = ZERO
    if spec.type == "LoadBalancer" and spec.allocate_load_balancer_node_ports is False:
        ports = count(sum(port.node_port != 0 for port in spec.ports))
    elif spec.type in {"NodePort", "LoadBalancer"}:
        ports = count(len(spec.ports))
    balancers = ONE if spec.type == "LoadBalancer" else ZERO
    return {
        "count/services": ONE,
        "services": ONE,
        "services.nodeports": ports,
        "services.loadbalancers": balancers,
    }


def in_scope(quota: ResourceQuota, item: KubeObject) -> bool:
    """Whether all scopes and the scopeSelector of a quota hold for an object; scopes exist for pods and claims only."""
    selector = quota.spec.scope_selector or {}
    scopes: list[Scope] = [{"scopeName": name, "operator": "Exists"} for name in quota.spec.scopes]
    scopes += [part for part in selector.get("matchExpressions") or () if isinstance(part, Mapping)]
    return all(_holds(scope, item) for scope in scopes)


def _holds(scope: Scope, item: KubeObject) -> bool:
    name = str(scope.get("scopeName"))
    if isinstance(item, PersistentVolumeClaim):
        return name == "VolumeAttributesClass" and _selects(scope, item.spec.volume_attributes_class_name)
    if not isinstance(item, Pod):
        return False
    spec = item.spec
    match name:
        case "Terminating" | "NotTerminating":
            return is_terminating(item) == (name == "Terminating")
        case "BestEffort" | "NotBestEffort":
            return ((item.status.qos_class or qos_class(spec)) == "BestEffort") == (name == "BestEffort")
        case "PriorityClass":
            return _selects(scope, spec.priority_class_name)
        case "CrossNamespacePodAffinity":
            own = spec.affinity
            return own is not None and (_crosses(own.pod_affinity) or _crosses(own.pod_anti_affinity))
    return False


def is_terminating(pod: Pod) -> bool:
    deadline = pod.spec.active_deadline_seconds
    return deadline is not None and deadline >= 0


def _selects(scope: Scope, value: str) -> bool:
    """As a label selector on the one name: NotIn holds for an object without it."""
    values = tuple(scope.get("values") or ())
    match scope.get("operator"):
        case "Exists":
            return bool(value)
        case "DoesNotExist":
            return not value
        case "In":
            return bool(value) and value in values
        case "NotIn":
            return not value or value not in values
    return False


def _crosses(found: PodAffinity | None) -> bool:
    if found is None:
        return False
    terms = (
        *found.required_during_scheduling_ignored_during_execution,
        *(item.pod_affinity_term for item in found.preferred_during_scheduling_ignored_during_execution),
    )
    return any(term.namespaces or term.namespace_selector is not None for term in terms)
