"""Requests and limits brought into what a namespace's LimitRanges allow, where that takes nothing away that is used."""

from __future__ import annotations

from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.sizing import size_of
from seakeep.facts.scheduling.placement import amounts
from seakeep.facts.workloads.template_repairs import changeable
from seakeep.model.change import Change, Risk
from seakeep.model.objects import Container, LimitRange
from seakeep.model.objects.base import Quantities
from seakeep.model.refs import Ref


def in_range(index: Index, ref: Ref) -> Change | None:
    """What is below the minimum is raised to it; what is above the maximum is lowered to it only where measurements show that it suffices. None where more is wrong."""
    template = changeable(index, ref)
    found: dict[str, dict[str, Any]] = {}
    said: list[str] = []
    for item in index.snapshot.all(LimitRange) if template else ():
        for part in item.spec.limits if item.namespace == ref.namespace and _is_plain(item) else ():
            for container in template.spec.containers if template else ():
                fields = _fields(index, ref, container, part.min, part.max, said)
                if fields is None:
                    return None
                if fields:
                    found.setdefault(container.name, {"resources": {}})["resources"].update(fields)
    return Change(ref, in_containers(ref, found), (), Risk.MEDIUM, "; ".join(said)) if found else None


def _is_plain(item: LimitRange) -> bool:
    """Sums over pods, claims and images are for a person to share out."""
    return all(part.type == "Container" for part in item.spec.limits)


def _fields(
    index: Index, ref: Ref, container: Container, least: Quantities, most: Quantities, said: list[str]
) -> dict[str, Any] | None:
    """What to set of one container by one part of a range; None where its figures cannot be lowered that far."""
    size = size_of(index, ref, container)
    found: dict[str, dict[str, str]] = {}
    for part, given in (("requests", container.resources.requests), ("limits", container.resources.limits)):
        has, low, high = amounts(given), amounts(least), amounts(most)
        for name in sorted(has):
            needs = size.cpu if name == "cpu" else size.memory if part == "requests" else size.limit
            if name in low and has[name] < low[name]:
                found.setdefault(part, {})[name] = str(least[name])
                said.append(f"{part}.{name} of {container.name} is {given[name]}, and the least is {least[name]}")
            elif name in high and has[name] > high[name]:
                if size.use is None or needs is None or needs > high[name]:
                    return None
                found.setdefault(part, {})[name] = str(most[name])
                said.append(
                    f"{part}.{name} of {container.name} is {given[name]}, and the most is {most[name]}; {size.why}"
                )
    return found
