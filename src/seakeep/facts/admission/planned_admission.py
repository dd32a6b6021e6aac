"""What the API server would refuse of planned pods: limit ranges, quotas that demand figures, quotas that are too small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.admission.admission import Refused, refused
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.placement import amounts
from seakeep.facts.workloads.planned import copies, planned, unset
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import Container, LimitRange, PersistentVolumeClaim, ResourceQuota, Service, StatefulSet
from seakeep.model.objects.base import Quantities
from seakeep.model.refs import Ref

_DEMANDED = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")


class OutOfRange(Struct, frozen=True):
    template: Template
    limits: LimitRange
    text: str


class Demand(Struct, frozen=True):
    """A quota that takes no pod without figures for `resource`, and the workload that lacks them."""

    quota: ResourceQuota
    resource: str
    template: Template


class Excess(Struct, frozen=True):
    """A quota that is smaller than what the manifests add up to, in millicores, bytes or numbers."""

    quota: ResourceQuota
    resource: str
    wanted: int
    users: tuple[Ref, ...]


def defaults_in(index: Index, namespace: str) -> tuple[Quantities, Quantities]:
    """What limit ranges fill in for containers: requests and limits. A `max` alone is a default too (API defaulting)."""
    return _defaults(index).get(namespace, ({}, {}))


@once
def _defaults(index: Index) -> Mapping[str, tuple[Quantities, Quantities]]:
    found: dict[str, tuple[dict[str, object], dict[str, object]]] = {}
    for item in index.snapshot.all(LimitRange):
        requests, limits = found.setdefault(item.namespace, ({}, {}))
        for part in item.spec.limits:
            if part.type == "Container":
                limits.update({**part.max, **part.default})
                requests.update({**part.min, **part.max, **part.default, **part.default_request})
    return found  # type: ignore[return-value]


@once
def out_of_range(index: Index) -> tuple[OutOfRange, ...]:
    """One per workload."""
    found: list[OutOfRange] = []
    for item in planned(index):
        for limits in index.snapshot.all(LimitRange):
            text = next(_beyond(index, item, limits), "") if limits.namespace == item.ref.namespace else ""
            if text:
                found.append(OutOfRange(item, limits, text))
                break
    return tuple(found)


def _beyond(index: Index, item: Template, limits: LimitRange) -> Iterator[str]:
    requests, ceilings = defaults_in(index, item.ref.namespace)
    for part in limits.spec.limits:
        if part.type not in {"Container", "Pod"}:
            continue
        most, least = amounts(part.max), amounts(part.min)
        units = [(f"container {one.name}", [one]) for one in item.spec.containers]
        for name, containers in units if part.type == "Container" else [("the pod", list(item.spec.containers))]:
            asked = _sum(containers, requests, limits=False)
            capped = _sum(containers, ceilings, limits=True)
            for resource in sorted(most):
                if max(asked.get(resource, 0), capped.get(resource, 0)) > most[resource]:
                    yield f"maximum {resource} per {part.type} is {part.max[resource]}, and {name} has more"
            for resource in sorted(least):
                given = asked.get(resource, capped.get(resource))
                if given is not None and given < least[resource]:
                    yield f"minimum {resource} per {part.type} is {part.min[resource]}, and {name} asks for less"
            for resource, ratio in sorted(part.max_limit_request_ratio.items()):
                given, cap = asked.get(resource, 0), capped.get(resource, 0)
                if given and cap > given * float(ratio):
                    yield f"{resource} max limit to request ratio per {part.type} is {ratio}, and {name} has {cap / given:g}"


def _sum(containers: list[Container], defaults: Quantities, *, limits: bool) -> dict[str, int]:
    total: dict[str, int] = {}
    for container in containers:
        own = container.resources.limits if limits else {**container.resources.limits, **container.resources.requests}
        for name, amount in amounts({**defaults, **own}).items():
            total[name] = total.get(name, 0) + amount
    return total


@once
def demands(index: Index) -> tuple[Demand, ...]:
    found: list[Demand] = []
    for quota in index.snapshot.all(ResourceQuota):
        requests, limits = defaults_in(index, quota.namespace)
        for item in _members(index, quota):
            for resource in _DEMANDED:
                plain = resource.removeprefix("requests.")
                asked = resource in quota.spec.hard or plain in quota.spec.hard
                if asked and unset(item.spec, resource, limits if resource.startswith("limits") else requests):
                    found.append(Demand(quota, resource, item))
                    break
    return tuple(found)


def refusing_quotas(index: Index) -> frozenset[Ref]:
    """Those that refuse pods for what these leave open, as planned or as the API server said: `quota-requires-resources` tells of them."""
    told = (item for item in refused(index, Refused.QUOTA_NEEDS) if item.current)
    planned_so = frozenset(item.quota.ref for item in demands(index))
    return planned_so | {Ref("ResourceQuota", item.owner.namespace, item.name) for item in told}


def _members(index: Index, quota: ResourceQuota) -> list[Template]:
    """Quotas with scopes count some pods only, which is left to the API server."""
    if quota.spec.scopes or quota.spec.scope_selector:
        return []
    return [item for item in planned(index) if item.ref.namespace == quota.namespace and item.lasting]


@once
def excesses(index: Index) -> tuple[Excess, ...]:
    """Of what lasts: Jobs come and go. A DaemonSet counts once, as the least that it can be."""
    found: list[Excess] = []
    for quota in index.snapshot.all(ResourceQuota) if index.snapshot.intent_only else ():
        members = _members(index, quota)
        if not members:
            continue
        hard = amounts_of(quota.spec.hard)
        totals = _totals(index, quota.namespace, members)
        for resource, limit in sorted(hard.items()):
            plain = resource if resource not in {"cpu", "memory"} else f"requests.{resource}"
            users = totals.get(plain, {})
            if sum(users.values()) > limit:
                found.append(Excess(quota, resource, sum(users.values()), tuple(sorted(users))))
    return tuple(found)


def amounts_of(hard: Quantities) -> dict[str, int]:
    """Millicores for whatever counts cpu."""
    renamed = {name: amounts({name.rpartition(".")[2]: quantity}) for name, quantity in hard.items()}
    return {name: next(iter(part.values())) for name, part in renamed.items() if part}


def _totals(index: Index, namespace: str, members: list[Template]) -> dict[str, dict[Ref, int]]:
    requests, limits = defaults_in(index, namespace)
    totals: dict[str, dict[Ref, int]] = {}
    for item in members:
        count = copies(item)
        totals.setdefault("pods", {})[item.ref] = count
        for kind, defaults in (("requests", requests), ("limits", limits)):
            for name, amount in _sum(list(item.spec.containers), defaults, limits=kind == "limits").items():
                totals.setdefault(f"{kind}.{name}", {})[item.ref] = amount * count
        own = item.item.spec.volume_claim_templates if isinstance(item.item, StatefulSet) else ()
        for claim in own:
            _add_claim(totals, item.ref, claim, count)
    for service in index.snapshot.all(Service):
        if service.namespace == namespace:
            totals.setdefault("services", {})[service.ref] = 1
            if service.spec.type in {"NodePort", "LoadBalancer"}:
                totals.setdefault("services.nodeports", {})[service.ref] = len(service.spec.ports)
            if service.spec.type == "LoadBalancer":
                totals.setdefault("services.loadbalancers", {})[service.ref] = 1
    for claim in index.snapshot.all(PersistentVolumeClaim):
        if claim.namespace == namespace:
            _add_claim(totals, claim.ref, claim, 1)
    return totals


def _add_claim(totals: dict[str, dict[Ref, int]], owner: Ref, claim: PersistentVolumeClaim, count: int) -> None:
    counted = totals.setdefault("persistentvolumeclaims", {})
    counted[owner] = counted.get(owner, 0) + count
    stored = totals.setdefault("requests.storage", {})
    size = amounts(claim.spec.resources.requests).get("storage", 0)
    stored[owner] = stored.get(owner, 0) + size * count
