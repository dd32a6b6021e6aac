"""ResourceQuotas. Source: pkg/apis/core/validation (ValidateResourceQuotaSpec, ValidateResourceQuotaUpdate)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import ResourceQuota
from seakeep.twin.admission.amounts import amounts
from seakeep.twin.admission.rules.words import IMMUTABLE, below_nothing, invalid, not_whole

_STANDARD = frozenset(
    {"cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage"}
    | {"requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage"}
    | {"pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims"}
    | {"configmaps", "services.nodeports", "services.loadbalancers"}
)
COUNTED = frozenset(
    {"pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps"}
    | {"persistentvolumeclaims", "services.nodeports", "services.loadbalancers"}
)

_OF_PODS = frozenset({"pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"})
# By scope: the standard resources that it goes with.
_OF_SCOPE = {
    **dict.fromkeys(
        ("Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"), _OF_PODS
    ),
    "BestEffort": frozenset({"pods"}),
    "VolumeAttributesClass": frozenset({"persistentvolumeclaims", "requests.storage"}),
}
_CONFLICTS = (frozenset({"BestEffort", "NotBestEffort"}), frozenset({"Terminating", "NotTerminating"}))


def errors(item: ResourceQuota) -> Iterator[str]:
    for name, amount in sorted(amounts(item.spec.hard).items()):
        path = f"spec.hard[{name}]"
        if "/" not in name and not is_standard(name):
            if name != "storage":
                yield invalid(path, name, "must be a standard resource type or fully qualified")
            yield invalid(path, name, "must be a standard resource for quota")
        yield from below_nothing(path, amount)
        if name in COUNTED or _is_extended(name):
            yield from not_whole(path, amount)
    yield from _scopes(item)


def _scopes(item: ResourceQuota) -> Iterator[str]:
    own, path = list(item.spec.scopes), "spec.scopes"
    for scope in own:
        counted = _OF_SCOPE.get(scope)
        if counted is None:
            yield invalid(path, own, "unsupported scope")
        elif any(is_standard(name) and name not in counted for name in item.spec.hard):
            yield invalid(path, own, "unsupported scope applied to resource")
    if any(pair <= set(own) for pair in _CONFLICTS):
        yield invalid(path, own, "conflicting scopes")


def is_standard(name: str) -> bool:
    return name in _STANDARD or name.startswith(("hugepages-", "requests.hugepages-"))


def changes(new: ResourceQuota, old: ResourceQuota) -> Iterator[str]:
    if set(new.spec.scopes) != set(old.spec.scopes):
        yield invalid("spec.scopes", list(new.spec.scopes) or None, IMMUTABLE)


def _is_extended(name: str) -> bool:
    """Counts of objects are, to the API server."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")
