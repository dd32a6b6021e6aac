"""Memory limits within which no container can even start: mostly a unit that was forgotten or mistyped (`512`, `256m`)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.quantity import QuantityError, value
from seakeep.model.refs import Ref

# runc's own init process needs several MiB before the container's program begins.
_FLOOR = 4 * 1024**2


class Floor(Struct, frozen=True):
    workload: Ref
    container: str
    limit: str


def beneath(index: Index) -> Iterator[Floor]:
    for entry in judged_templates(index):
        if any(is_ready(pod) for pod in index.pods_by_workload.get(entry.ref, ())):
            continue
        for container in (*entry.spec.init_containers, *entry.spec.containers):
            limit = str(container.resources.limits.get("memory", ""))
            try:
                amount = value(limit) if limit else _FLOOR
            except QuantityError:
                continue
            if 0 < amount < _FLOOR:
                yield Floor(entry.ref, container.name, limit)
                break
