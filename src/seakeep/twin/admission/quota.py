"""ResourceQuota: charges what a request adds, or refuses it. Source: apiserver admission/plugin/resourcequota, pkg/quota/v1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from seakeep.facts.kind_names import plural
from seakeep.model.objects import STRUCTS, Container, KubeObject, PersistentVolumeClaim, Pod, ResourceQuota, Service
from seakeep.model.objects.cluster import QuotaStatus
from seakeep.twin.admission.amounts import ZERO, Amounts, add, amounts, mask, pretty, quantities
from seakeep.twin.admission.pod_resources import has_pod_level
from seakeep.twin.admission.quota_usage import in_scope, is_terminating, tracked, usage
from seakeep.twin.admission.request import Request, resource_of
from seakeep.twin.state import State

# A quota of one of these asks every container to say what it wants; `validationSet` of the pod evaluator.
_REQUIRED = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
_KINDS = {
    f"{plural(kind)}.{group}" if group else plural(kind): struct
    for (group, kind), struct in STRUCTS.items()
    if group != "extensions"
}


def quotas(state: State, namespace: str) -> tuple[ResourceQuota, ...]:
    return tuple(state.within(ResourceQuota, namespace))


def are_in(state: State, item: KubeObject) -> bool:
    """Where the object is."""
    return state.has("ResourceQuota", item.metadata.namespace)


def charge(request: Request, item: KubeObject) -> tuple[ResourceQuota, ...]:
    """The quotas as they are once the request is carried out. Raises RejectedError."""
    if not _handled(request, item):
        return ()
    concerned = []
    for quota in quotas(request.state, request.namespace):
        names = tracked(request.resource, quota.status.hard)
        if not names or not in_scope(quota, item):
            continue
        _require(request, item, quota, names)
        if not set(names) <= set(quota.status.used):
            raise request.forbidden(f"status unknown for quota: {quota.name}, resources: {','.join(names)}")
        concerned.append(quota)
    if not concerned:
        return ()
    wanted = usage(item)
    negative = sorted(name for name, amount in wanted.items() if amount.nano < 0)
    if negative:
        raise request.forbidden(f"quota usage is negative for resource(s): {','.join(negative)}")
    charged = (_charged(request, quota, _delta(request, quota, wanted)) for quota in concerned)
    return tuple(quota for quota in charged if quota is not None)


def _handled(request: Request, item: KubeObject) -> bool:
    """Updates matter to claims and Services, and to pods that change between Terminating and NotTerminating."""
    if request.creates:
        return True
    if isinstance(item, Pod) and isinstance(request.old, Pod):
        return is_terminating(item) != is_terminating(request.old)
    return isinstance(item, PersistentVolumeClaim | Service)


def _require(request: Request, item: KubeObject, quota: ResourceQuota, names: Iterable[str]) -> None:
    if not isinstance(item, Pod) or has_pod_level(item.spec):
        return
    missing: defaultdict[str, set[str]] = defaultdict(set)
    for container in (*item.spec.containers, *item.spec.init_containers):
        for name in set(names) & _REQUIRED - _said(container):
            missing[name].add(container.name)
    if missing:
        text = "; ".join(f"{name} for: {','.join(sorted(found))}" for name, found in sorted(missing.items()))
        raise request.forbidden(f"failed quota: {quota.name}: must specify {text}")


def _said(container: Container) -> set[str]:
    own = container.resources
    return {*own.requests, *(f"requests.{name}" for name in own.requests), *(f"limits.{name}" for name in own.limits)}


def _delta(request: Request, quota: ResourceQuota, wanted: Amounts) -> Amounts:
    """What the request adds; less what is freed, which the controller gives back."""
    old = request.old
    if old is None or not in_scope(quota, old):
        found = wanted
    else:
        before = usage(old)
        found = {name: amount.minus(before.get(name, ZERO)) for name, amount in wanted.items()}
    return {name: amount for name, amount in found.items() if amount.nano > 0}


def _charged(request: Request, quota: ResourceQuota, delta: Amounts) -> ResourceQuota | None:
    hard, used = amounts(quota.status.hard), amounts(quota.status.used)
    requested = mask(delta, hard)
    if not delta:
        return None
    total = dict(used)
    add(total, requested)
    exceeded = [name for name in requested if total[name].nano > hard[name].nano]
    if exceeded:
        parts = (("requested", requested), ("used", used), ("limited", hard))
        text = ", ".join(f"{word}: {pretty(mask(found, exceeded))}" for word, found in parts)
        raise request.forbidden(f"exceeded quota: {quota.name}, {text}")
    return replace(quota, status=replace(quota.status, used=quantities(total))) if requested else None


def quota_status(state: State, quota: ResourceQuota, now: datetime | None = None) -> QuotaStatus:
    """Recalculated from the objects of the namespace, as the quota controller does (`CalculateUsage`). What nothing tracks keeps its last figure."""
    hard = amounts(quota.spec.hard)
    used = mask(amounts(quota.status.used), hard)
    for resource, members in _members(state, quota.namespace, hard):
        names = tracked(resource, hard)
        total: Amounts = dict.fromkeys(names, ZERO)
        for item in members():
            if in_scope(quota, item):
                add(total, mask(usage(item, now), names))
        used |= total
    return QuotaStatus(hard=quantities(hard), used=quantities(used))


_Members = Callable[[], Iterator[KubeObject]]


def _members(state: State, namespace: str, names: Iterable[str]) -> Iterator[tuple[str, _Members]]:
    """The resources that a quota may track, with the objects of each."""
    counted = {name.removeprefix("count/") for name in names if name.startswith("count/")}
    static = {"pods", "services", "persistentvolumeclaims", "configmaps", "resourcequotas", "replicationcontrollers"}
    for resource in sorted({*static, "secrets", *counted}):
        if tracked(resource, names):
            yield resource, partial(_each, state, namespace, resource)


def _each(state: State, namespace: str, resource: str) -> Iterator[KubeObject]:
    kind = _KINDS.get(resource)
    if kind is not None:
        yield from state.within(kind, namespace)
        return
    for group in state.objects().values():
        yield from (item for item in group.values() if item.namespace == namespace and resource_of(item) == resource)
