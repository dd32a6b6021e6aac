"""More memory for containers that need it: from what they were killed at, were measured to use, or set as their heap."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.resources.heap import HeapSetting, heap_setting
from seakeep.facts.resources.memory_kills import MemoryKill
from seakeep.facts.resources.quota_repairs import within
from seakeep.facts.resources.sizing import amount_text, beside, rounded_memory, size_of
from seakeep.facts.scheduling.placement import amounts, largest_allocatable, largest_free, requests_of
from seakeep.facts.workloads.template_repairs import Standing, standing
from seakeep.model.change import Change
from seakeep.model.objects import ResourceQuota
from seakeep.model.objects.workloads import Workload
from seakeep.model.quantity import QuantityError, format_bytes, value
from seakeep.model.refs import Ref

# Half as much again: less is often used up at once, and much more hides a leak.
_MORE = 1.5


def after_kill(index: Index, kill: MemoryKill) -> Change | None:
    """None where the limit was raised since, where the heap alone does not fit (which is a cause of its own), or where node or quota has no room."""
    item, killed = standing(index, kill.workload, kill.container), _bytes(kill.limit)
    limit = amounts(item.container.resources.limits).get("memory", 0) if item else 0
    if item is None or not killed or not limit or limit > killed:
        return None
    setting = heap_setting(item.container)
    if setting is not None and setting.exceeds:
        return None
    size = size_of(index, kill.workload, item.container)
    wanted = rounded_memory(max(killed * _MORE, size.limit or 0))
    used = f"; {size.why}" if size.why else ""
    why = f"it was killed at {format_bytes(killed)}, and half as much again is {amount_text(wanted)}{used}"
    if size.limit and size.limit >= killed * _MORE:
        why = f"it was killed at {format_bytes(killed)}; {size.why}"
    return _raised(index, item, limit, wanted, why)


def for_heap(index: Index, ref: Ref, name: str, setting: HeapSetting) -> Change | None:
    item = standing(index, ref, name)
    if item is None:
        return None
    room = beside(setting.heap)
    wanted = rounded_memory(setting.heap + room)
    why = f"the heap may fill {format_bytes(setting.heap)} ({setting.text}), and metaspace, threads and buffers need about {format_bytes(room)} beside it"
    return _raised(index, item, setting.limit, wanted, why)


def _raised(index: Index, item: Standing, limit: int, wanted: int, why: str) -> Change | None:
    """A container that asks for all that it may use goes on doing so."""
    written = amounts(item.container.resources.requests).get("memory")
    asked = limit if written is None else written
    asks = wanted if asked == limit else asked
    rest = requests_of(item.spec).get("memory", 0) - asked
    most, free = largest_allocatable(index, "memory", item.spec), largest_free(index, "memory", item.spec)
    if most is not None and rest + wanted > most[1]:
        return None
    if free is not None and asks - asked > max(free[1], 0):
        return None
    if not _quota_allows(index, item, wanted - limit, asks - asked):
        return None
    fields = {"limits": {"memory": amount_text(wanted)}}
    if written == limit:
        fields["requests"] = {"memory": amount_text(wanted)}
    return item.change({"resources": fields}, why)


def _quota_allows(index: Index, item: Standing, limits: int, requests: int) -> bool:
    """Every quota of the namespace holds so many more bytes for each replica."""
    more = {"limits.memory": limits, "requests.memory": requests, "memory": requests}
    workload = index.snapshot.find(item.ref)
    replicas = workload.spec.replicas if isinstance(workload, Workload) else 1
    count = 1 if replicas is None else replicas
    for quota in index.snapshot.all(ResourceQuota):
        hard, used = amounts(quota.status.hard or quota.spec.hard), amounts(quota.status.used)
        asked = {name: extra * count for name, extra in more.items()}
        if quota.namespace == item.ref.namespace and not within(hard, used, asked):
            return False
    return True


def _bytes(text: str) -> int:
    try:
        return value(text) if text else 0
    except QuantityError:
        return 0
