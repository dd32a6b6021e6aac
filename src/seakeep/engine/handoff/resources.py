"""What is asked for and allowed against what there is: nodes, quotas, claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from seakeep.facts.index import Index
from seakeep.facts.resources.quota_figures import shown
from seakeep.facts.scheduling.placement import amounts, nodes_seen, requests_of
from seakeep.facts.volumes.obstacles import requested
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.handoff import Claims, QuotaUse, Room, Unbound
from seakeep.model.objects import PersistentVolumeClaim, Pod, ResourceQuota
from seakeep.model.objects.pods import PodSpec
from seakeep.model.quantity import QuantityError, format_bytes, milli, value
from seakeep.model.snapshot import Depth

_RESOURCES = ("cpu", "memory", "pods")


def rooms(index: Index) -> tuple[Room, ...]:
    """The whole cluster first, then each node. A pod's figures count where it is bound; what waits for a node is not on one."""
    nodes = nodes_seen(index)
    if not nodes:
        return ()
    seen = index.snapshot.lists_all("Pod", "*")
    rows: list[Room] = []
    for node in nodes:
        pods = [pod for pod in index.pods_on(node.name) if not is_ended(pod)]
        known = seen and all(index.snapshot.depth(pod.ref) >= Depth.DESCRIBED for pod in pods)
        has = amounts(node.status.allocatable or node.status.capacity)
        for name in _RESOURCES:
            asked = sum(requests_of(pod.spec).get(name, 0) for pod in pods) if known else None
            most = sum(limits_of(pod.spec).get(name, 0) for pod in pods) if known and name != "pods" else None
            rows.append(Room(node.name, name, has.get(name), asked, most))
    return (*(_whole(name, rows) for name in _RESOURCES), *rows)


def _whole(name: str, rows: list[Room]) -> Room:
    mine = [row for row in rows if row.resource == name]
    return Room(
        "",
        name,
        _sum([row.allocatable for row in mine]),
        _sum([row.requests for row in mine]),
        _sum([row.limits for row in mine]),
    )


def _sum(figures: list[int | None]) -> int | None:
    known = [item for item in figures if item is not None]
    return sum(known) if len(known) == len(figures) else None


def limits_of(spec: PodSpec) -> dict[str, int]:
    """What its containers may use together, as far as they are limited."""
    found: dict[str, int] = defaultdict(int)
    lasting = [item for item in spec.init_containers if item.restart_policy == "Always"]
    for container in (*spec.containers, *lasting):
        for name, amount in amounts(container.resources.limits).items():
            found[name] += amount
    return dict(found)


def unlimited(index: Index) -> int:
    """Pods of which a container has no memory limit."""
    live = [pod for pod in index.pods if not is_ended(pod) and pod.spec.containers]
    return sum(_open(pod) for pod in live)


def _open(pod: Pod) -> bool:
    return any("memory" not in container.resources.limits for container in pod.spec.containers)


def quotas(index: Index) -> tuple[QuotaUse, ...]:
    return tuple(row for quota in index.snapshot.all(ResourceQuota) for row in _rows(quota))


def _rows(quota: ResourceQuota) -> Iterator[QuotaUse]:
    for name, hard in sorted(quota.spec.hard.items()):
        used = quota.status.used.get(name)
        most, taken = _amount(name, hard), _amount(name, used)
        if most is None or taken is None:
            yield QuotaUse(quota.ref, name, str(hard), "" if used is None else str(used), "", None)
            continue
        share = round(taken / most, 3) if most else None
        yield QuotaUse(quota.ref, name, _text(name, most), _text(name, taken), _text(name, most - taken), share)


def _amount(name: str, quantity: str | float | None) -> int | None:
    try:
        return None if quantity is None else milli(quantity) if _plain(name) == "cpu" else value(quantity)
    except QuantityError:
        return None


def _plain(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2] if not name.startswith("count/") else name


def _text(name: str, amount: int) -> str:
    plain = _plain(name)
    return format_bytes(amount) if "storage" in plain else shown(plain, amount)


def claims(index: Index) -> tuple[Claims, ...]:
    """All together first, then by namespace; of a source that shows claims."""
    found: dict[str, list[PersistentVolumeClaim]] = defaultdict(list)
    for item in index.snapshot.all(PersistentVolumeClaim):
        if index.snapshot.depth(item.ref) is not Depth.NAMED:
            found[item.namespace].append(item)
    every = [item for items in found.values() for item in items]
    return (_claims("", every), *(_claims(name, items) for name, items in sorted(found.items()))) if every else ()


def _claims(namespace: str, items: list[PersistentVolumeClaim]) -> Claims:
    bound = [item for item in items if item.status.phase == "Bound"]
    held = sum(_amount("storage", item.status.capacity.get("storage")) or requested(item) for item in bound)
    return Claims(namespace, len(items), len(bound), sum(map(requested, items)), held)


def unbound(index: Index) -> tuple[Unbound, ...]:
    return tuple(
        Unbound(item.ref, item.status.phase or "unknown", requested(item))
        for item in index.snapshot.all(PersistentVolumeClaim)
        if item.status.phase != "Bound" and index.snapshot.depth(item.ref) is not Depth.NAMED
    )
