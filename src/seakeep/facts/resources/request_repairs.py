"""Requests of templates: where an autoscaler needs one, and where no node can ever hold what is asked for."""

from __future__ import annotations

from typing import Any

from seakeep.facts.autoscaling.scale_targets import unrequested
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.quota_figures import shown
from seakeep.facts.resources.sizing import Size, amount_text, cpu_text, size_of
from seakeep.facts.scheduling.placement import amounts, largest_allocatable, requests_of
from seakeep.facts.workloads.setting_repairs import requests_before
from seakeep.facts.workloads.template_repairs import Standing, changeable, standing
from seakeep.model.change import Change, Risk
from seakeep.model.refs import Ref


def with_requests(index: Index, ref: Ref, resource: str) -> Change | None:
    """A request by what was measured for each container that lacks one. None where one of them was not measured, or is injected."""
    found: dict[str, dict[str, Any]] = {}
    said = []
    for name, _ in unrequested(index, ref, resource):
        item = standing(index, ref, name)
        if item is None or item.group != "containers" or resource in item.container.resources.requests:
            return None
        size = size_of(index, ref, item.container)
        text = _text(size, resource)
        if not text:
            return None
        found[name] = {"resources": {"requests": {resource: text}}}
        said.append(size.why)
    if not found:
        return None
    return Change(
        ref,
        in_containers(ref, found),
        (),
        Risk.MEDIUM,
        f"a share of the {resource} request needs one; {'; '.join(said)}",
    )


def fitting_requests(index: Index, ref: Ref, resource: str) -> Change | None:
    """Requests that some node can hold: those of the revision before, else what was measured. None unless they exceed every node now."""
    template = changeable(index, ref)
    most = largest_allocatable(index, resource, template.spec) if template else None
    if template is None or most is None:
        return None
    whole = requests_of(template.spec).get(resource, 0)
    if whole <= most[1]:
        return None
    found: dict[str, dict[str, Any]] = {}
    said = []
    for container in template.spec.containers:
        item = standing(index, ref, container.name)
        asked = amounts(container.resources.requests).get(resource, 0)
        better = _better(index, item, resource, asked) if item and asked else None
        if better:
            found[container.name] = {"resources": {"requests": {resource: better[0]}}}
            whole -= asked - amounts({resource: better[0]}).get(resource, 0)
            said.append(better[1])
    if not found or whole > most[1]:
        return None
    why = f"no node offers more than {shown(resource, most[1])} of {resource} ({most[0]}); {'; '.join(said)}"
    return Change(ref, in_containers(ref, found), (), Risk.MEDIUM, why)


def _better(index: Index, item: Standing, resource: str, asked: int) -> tuple[str, str] | None:
    before = requests_before(index, item, resource)
    if before is not None and amounts({resource: before}).get(resource, asked) < asked:
        return str(before), f"{item.container.name} asked for {before} in the revision before"
    size = size_of(index, item.ref, item.container)
    text = _text(size, resource)
    return (text, size.why) if text and amounts({resource: text})[resource] < asked else None


def _text(size: Size, resource: str) -> str:
    """By what was measured; a heap alone does not tell what is used."""
    if size.use is None:
        return ""
    amount = size.cpu if resource == "cpu" else size.memory if resource == "memory" else None
    return "" if amount is None else cpu_text(amount) if resource == "cpu" else amount_text(amount)
