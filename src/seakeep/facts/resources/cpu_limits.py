"""CPU limits that are small: against what they were before, and against those of the neighbours."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.resources.cpu_loads import cpu_of
from seakeep.facts.workloads.drift import applied_at, previous_template
from seakeep.model.cause import Evidence
from seakeep.model.objects import Workload
from seakeep.model.objects.base import Quantities
from seakeep.model.quantity import format_cpu
from seakeep.model.refs import Ref

# A server that answers requests hardly gets by with less; in millicores.
_TINY = 50
# A limit of this part of what it was, or of what the neighbours have, is small.
_CUT = 2
_HARD = 4
# Up to this, a limit where there was none before is a cut.
_NARROW = 200
_APART = 5
_FEWEST_NEIGHBOURS = 3


class SmallLimit(Struct, frozen=True):
    """In millicores. `before` says what it was, "" where it is small only against the neighbours; `hard` where it was cut to a quarter or less."""

    workload: Ref
    container: str
    limit: int
    before: str
    hard: bool
    evidence: tuple[Evidence, ...]


@once
def small_limits(index: Index) -> Mapping[Ref, SmallLimit]:
    """Workload → its most constrained container, if its limit is small."""
    found: dict[Ref, SmallLimit] = {}
    for item in index.workloads:
        if not any("cpu" in part.resources.limits for part in item.spec.template.spec.containers):
            continue
        candidates = [small for small in (_cut(index, item), _apart(index, item)) if small is not None]
        if candidates:
            found[item.ref] = min(candidates, key=lambda small: (not small.before, small.limit))
    return found


def _cut(index: Index, item: Workload) -> SmallLimit | None:
    template = previous_template(index, item.ref)
    before: Mapping[str, int] = (
        {part.name: cpu_of(part.resources.limits) for part in template.spec.containers} if template else {}
    )
    source = "the revision before"
    if not before:
        before, source = _applied(item), "what was applied"
    for part in item.spec.template.spec.containers:
        limit, earlier = cpu_of(part.resources.limits), before.get(part.name, 0)
        new = part.name in before and not earlier and limit <= _NARROW
        if limit and (new or earlier >= _CUT * limit):
            was = format_cpu(earlier) if earlier else "no limit"
            proof = (Evidence(item.ref, _path(part.name), f"{format_cpu(limit)}, {was} in {source}"),)
            return SmallLimit(item.ref, part.name, limit, was, new or earlier >= _HARD * limit, proof)
    return None


def _path(name: str) -> str:
    return f"spec.template.spec.containers[{name}].resources.limits.cpu"


def _applied(item: Workload) -> Mapping[str, int]:
    containers = applied_at(item, "spec", "template", "spec", "containers")
    found: dict[str, int] = {}
    for part in containers if isinstance(containers, list) else ():
        if isinstance(part, dict):
            resources = part.get("resources")
            limits = resources.get("limits") if isinstance(resources, dict) else None
            known = limits if isinstance(limits, dict) else {}
            found[str(part.get("name"))] = cpu_of({key: value for key, value in known.items() if _is_amount(value)})
    return found


def _is_amount(value: object) -> bool:
    return isinstance(value, str | int | float)


@once
def _usual(index: Index) -> Mapping[str, tuple[tuple[Ref, int], ...]]:
    """By namespace: the largest CPU limit of each workload's containers."""
    found: dict[str, list[tuple[Ref, int]]] = {}
    for item in index.workloads:
        limits: list[Quantities] = [part.resources.limits for part in item.spec.template.spec.containers]
        largest = max((cpu_of(amounts) for amounts in limits), default=0)
        if largest:
            found.setdefault(item.namespace, []).append((item.ref, largest))
    return {namespace: tuple(items) for namespace, items in found.items()}


def _apart(index: Index, item: Workload) -> SmallLimit | None:
    """The container that serves a port has a tiny limit, a fraction of its neighbours'."""
    others = [limit for ref, limit in _usual(index).get(item.namespace, ()) if ref != item.ref]
    if len(others) < _FEWEST_NEIGHBOURS:
        return None
    # Imported where it is asked: few platforms have tiny limits, and it takes as long as a dozen rules.
    from statistics import median

    usual = int(median(others))
    for part in item.spec.template.spec.containers:
        limit = cpu_of(part.resources.limits)
        if 0 < limit <= _TINY and part.ports and usual >= _APART * limit:
            text = f"{format_cpu(limit)}, usually {format_cpu(usual)} in namespace {item.namespace}"
            return SmallLimit(item.ref, part.name, limit, "", False, (Evidence(item.ref, _path(part.name), text),))
    return None
