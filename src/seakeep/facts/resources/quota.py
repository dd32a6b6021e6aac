"""Resource quotas: what is used up, who is refused because of it, and whether only a roll-out is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.admission.admission import Refusal, Refused, counts, refused
from seakeep.facts.admission.planned_admission import Excess, excesses
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import controller_of, replica_sets_of
from seakeep.facts.resources.quota_repairs import raised
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.change import Change
from seakeep.model.confidence import HINT, LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import Deployment, ResourceQuota, Workload
from seakeep.model.pattern import late
from seakeep.model.quantity import QuantityError, format_bytes, format_cpu, milli
from seakeep.model.refs import Ref


class Kind(StrEnum):
    """What a quota counts, as the cause ids tell it apart."""

    CPU = "cpu"
    MEMORY = "memory"
    PODS = "pods"
    SERVICES = "services"
    STORAGE = "storage"
    OBJECTS = "objects"


class Exceeded(Struct, frozen=True):
    """One resource of one quota that is used up; the refusals are those that named it."""

    quota: Ref
    kind: Kind
    resource: str
    hard: str
    used: str
    requested: str
    refusals: tuple[Refusal, ...]
    evidence: tuple[Evidence, ...]
    confidence: float
    affects: tuple[Ref, ...]


def kind_of(resource: str) -> Kind:
    """The kind of a quota's resource name (`requests.cpu`, `count/jobs.batch`, `gold.storageclass.storage.k8s.io/requests.storage` …)."""
    plain = resource.removeprefix("requests.").removeprefix("limits.").removeprefix("count/")
    if plain == "cpu":
        return Kind.CPU
    if plain == "memory" or plain.startswith("hugepages-"):
        return Kind.MEMORY
    if plain == "pods":
        return Kind.PODS
    if plain == "services" or plain.startswith("services."):
        return Kind.SERVICES
    if (
        plain in {"storage", "ephemeral-storage", "persistentvolumeclaims"}
        or ".storageclass.storage.k8s.io/" in resource
    ):
        return Kind.STORAGE
    return Kind.OBJECTS


_SECTION = late(r"(?P<name>requested|used|limited): (?P<list>.*?)(?=, (?:used|limited): |$)", re.DOTALL)


def figures(detail: str) -> dict[str, dict[str, str]]:
    """`requested: a=1,b=2, used: …, limited: …` as name → resource → quantity. All listed resources are exceeded: the plugin names no others."""
    found: dict[str, dict[str, str]] = {}
    for match in _SECTION.finditer(detail):
        pairs = (part.strip().rstrip(",.").partition("=") for part in match["list"].split(","))
        found[match["name"]] = {name: quantity for name, sign, quantity in pairs if sign}
    return found


@once
def exceeded(index: Index) -> tuple[Exceeded, ...]:
    """From refusals first; then quotas that are used up while a workload of their namespace has too few pods, or that were set below what is used."""
    told: dict[tuple[Ref, str], list[Refusal]] = {}
    for item in refused(index, Refused.QUOTA):
        for resource in figures(item.detail).get("requested", {}) or {"pods": ""}:
            told.setdefault((Ref("ResourceQuota", item.owner.namespace, item.name), resource), []).append(item)
    found = [
        _from_refusals(index, quota, resource, items)
        for (quota, resource), items in sorted(told.items())
        if any(item.current for item in items) or not _has_room(index, quota, resource)
    ]
    known = {(item.quota, item.kind) for item in found if item.refusals}
    found += [item for item in _from_status(index) if (item.quota, item.kind) not in known]
    found += [_planned(item) for item in excesses(index)]
    return tuple(found)


def _has_room(index: Index, quota: Ref, resource: str) -> bool:
    """What was refused has been made since, and less is used now than allowed: history."""
    item = index.snapshot.get(ResourceQuota, quota.namespace, quota.name)
    if item is None or resource not in item.status.used or resource not in item.status.hard:
        return False
    return _amount(item.status.used[resource]) < _amount(item.status.hard[resource])


def _planned(item: Excess) -> Exceeded:
    """Manifests that add up to more than their namespace's quota."""
    resource = item.resource.rpartition(".")[2]
    text = (
        format_cpu(item.wanted)
        if resource == "cpu"
        else format_bytes(item.wanted)
        if resource in {"memory", "storage"}
        else str(item.wanted)
    )
    hard = str(item.quota.spec.hard[item.resource])
    evidence = (state_evidence(item.quota, f"spec.hard[{item.resource}]", f"{hard}; the manifests add up to {text}"),)
    return Exceeded(
        item.quota.ref, kind_of(item.resource), item.resource, hard, text, "", (), evidence, PROVEN, item.users
    )


def _from_refusals(index: Index, quota: Ref, resource: str, items: list[Refusal]) -> Exceeded:
    first = next((item for item in items if item.current), items[0])
    said = figures(first.detail)
    item = index.snapshot.get(ResourceQuota, quota.namespace, quota.name)
    evidence = [entry.evidence for entry in items[:3]]
    hard, used = said.get("limited", {}).get(resource, ""), said.get("used", {}).get(resource, "")
    if item and resource in item.status.used:
        hard, used = (
            str(item.status.hard.get(resource, item.spec.hard.get(resource, hard))),
            str(item.status.used[resource]),
        )
        evidence.append(state_evidence(item, f"status.used[{resource}]", f"{used} of {hard}"))
    current = any(entry.current for entry in items)
    level = PROVEN if current else HINT
    if current and len(said.get("requested", {})) > 1 and _tightest(said) != resource:
        level = LIKELY
    if index.snapshot.is_absent(quota):
        level = HINT  # the quota was deleted since: the controller retries by itself
    elif current and all(blocks_only_rollout(index, entry) for entry in items):
        level = min(level, POSSIBLE)
    affects = tuple(sorted({entry.workload for entry in items}))
    return Exceeded(
        quota,
        kind_of(resource),
        resource,
        hard,
        used,
        said.get("requested", {}).get(resource, ""),
        tuple(items),
        tuple(evidence),
        level,
        affects,
    )


def _tightest(said: Mapping[str, Mapping[str, str]]) -> str:
    """The resource that overshoots its limit by the largest share."""

    def overshoot(resource: str) -> tuple[float, str]:
        limit = _amount(said.get("limited", {}).get(resource)) or 1
        return (
            _amount(said["requested"].get(resource)) + _amount(said.get("used", {}).get(resource))
        ) / limit, resource

    return max(said["requested"], key=overshoot)


def _amount(quantity: str | float | None) -> int:
    try:
        return milli(quantity) if quantity is not None else 0
    except QuantityError:
        return 0


def _from_status(index: Index) -> list[Exceeded]:
    found = []
    for quota in index.snapshot.all(ResourceQuota):
        short = tuple(item for item in index.workloads if item.namespace == quota.namespace and _is_short(index, item))
        for resource, limit in sorted(quota.status.hard.items() or quota.spec.hard.items()):
            used = quota.status.used.get(resource)
            if used is None or _amount(used) < _amount(limit):
                continue
            kind = kind_of(resource)
            over = _amount(used) > _amount(limit)
            per_pod = kind in {Kind.CPU, Kind.MEMORY, Kind.PODS}
            level = LIKELY if short and per_pod else POSSIBLE if over else HINT
            if not over and not short and (per_pod or _amount(limit) == 0):
                continue  # used to the full and nobody refused, or a kind that is forbidden on purpose
            evidence = [state_evidence(quota, f"status.used[{resource}]", f"{used} of {limit}")]
            evidence += [
                state_evidence(item, "status.replicas", f"{item.status.replicas} of {item.spec.replicas}")
                for item in short[:3]
                if per_pod
            ]
            affects = tuple(item.ref for item in short) if per_pod else ()
            found.append(
                Exceeded(quota.ref, kind, resource, str(limit), str(used), "", (), tuple(evidence), level, affects)
            )
    return found


def _is_short(index: Index, item: Workload) -> bool:
    """Fewer pods exist than are wanted, which no fault of a pod explains."""
    wanted, has = counts(index, item)
    return (
        wanted is not None
        and has is not None
        and has < wanted
        and bool(item.status.observed_generation or item.status.conditions)
    )


def blocks_only_rollout(index: Index, refusal: Refusal) -> bool:
    """The old revision's pods run as wanted, the new one is refused its first or surplus pod, and what is used fits the quota: only the surge does not."""
    deployment = index.snapshot.find(refusal.workload)
    said = figures(refusal.detail)
    fits = all(
        _amount(amount) <= _amount(said.get("limited", {}).get(resource))
        for resource, amount in said.get("used", {}).items()
    )
    if refusal.resource != "pods" or not fits:
        return False
    if deployment is None and refusal.owner.kind == "ReplicaSet":
        owners = {controller_of(pod) for pod in index.pods_by_workload.get(refusal.workload, ()) if is_ready(pod)}
        return bool(owners - {None, refusal.owner}) and refusal.owner not in owners
    if not isinstance(deployment, Deployment) or (
        deployment.spec.strategy and deployment.spec.strategy.type == "Recreate"
    ):
        return False
    old = [item for item in replica_sets_of(index, deployment.ref) if item.ref != refusal.owner]
    if refusal.owner.kind == "Deployment":
        old = list(replica_sets_of(index, deployment.ref))[:-1]
    alive = [
        pod
        for pod in index.pods_in(deployment.namespace)
        if is_ready(pod) and controller_of(pod) in {item.ref for item in old}
    ]
    running = len(alive) or sum(item.status.ready_replicas for item in old)
    if not old:  # no ReplicaSet was seen: what is ready beyond the updated pods is of the old revision
        running = deployment.status.ready_replicas if not deployment.status.updated_replicas else 0
    if not running or any(entry.spec.replicas is None for entry in old):
        return False
    return running >= max((deployment.spec.replicas or 1) - _unavailable(deployment), 1)


def _unavailable(deployment: Deployment) -> int:
    """MaxUnavailable in pods, rounded down as the deployment controller does; 25 % by default."""
    rolling = deployment.spec.strategy.rolling_update if deployment.spec.strategy else None
    allowed = rolling.max_unavailable if rolling and rolling.max_unavailable is not None else "25%"
    replicas = deployment.spec.replicas or 1
    if isinstance(allowed, int):
        return allowed
    digits = allowed.rstrip("%")
    if not digits.isdecimal():
        return 0
    return replicas * int(digits) // 100 if allowed.endswith("%") else int(digits)


def quota_candidate(item: Exceeded, cause: str, change: Change | None = None) -> Candidate:
    who = ", ".join(sorted({f"{ref.kind} {ref.name}" for ref in item.affects})[:3])
    asks = (
        f", and {who} ask{'s' if len(item.affects) == 1 else ''} for {item.requested + ' more' if item.requested else 'more'}"
        if who
        else ""
    )
    used = f"{item.used} of {item.hard}" if item.hard else "all"
    place = f" of namespace {item.quota.namespace}" if item.quota.namespace else ""
    return Candidate(
        id=cause,
        object=item.quota,
        summary=f"quota {item.quota.name} is used up: {used} {item.resource}{asks}",
        evidence=item.evidence[:6],
        affects=item.affects,
        repair=Repair(
            f"Raise {item.resource} in ResourceQuota {item.quota.name}{place} above {item.hard or 'its present limit'}, "
            f"or free some of it{f' by lowering the requests of {who}' if who else ''}.",
            change,
        ),
        confidence=item.confidence,
        settled_by=""
        if item.confidence >= LIKELY
        else f"kubectl get events -n {quote(item.quota.namespace)} --field-selector reason=FailedCreate",
    )


def quota_causes(index: Index, kind: Kind, cause: str) -> list[Candidate]:
    """One candidate per quota: of several resources of a kind (requests and limits) the one that is surest."""
    best: dict[Ref, Exceeded] = {}
    for item in exceeded(index):
        if item.kind is kind and (item.quota not in best or item.confidence > best[item.quota].confidence):
            best[item.quota] = item
    return [quota_candidate(item, cause, _change(index, item)) for _, item in sorted(best.items())]


def _change(index: Index, item: Exceeded) -> Change | None:
    """All resources of the kind at once: one that stays too small would refuse the pods again."""
    current = [refusal for refusal in item.refusals if refusal.current]
    if item.confidence < LIKELY or not current:
        return None
    asked = {
        other.resource: other.requested
        for other in exceeded(index)
        if other.quota == item.quota and other.kind is item.kind and other.requested
    }
    return raised(index, item.quota, asked, current)
