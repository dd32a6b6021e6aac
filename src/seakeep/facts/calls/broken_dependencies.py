"""Services that exist, that somebody calls in vain, and that have nobody ready to answer."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.calls import Call, failed_calls_to
from seakeep.facts.calls.dependencies import edges, follow
from seakeep.facts.index import Index
from seakeep.facts.routing.routing import backends_of, has_ready_endpoint
from seakeep.facts.workloads.podstate import is_ready, status_column
from seakeep.facts.workloads.templates import Template, template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.refs import Ref


class Unanswered(Struct, frozen=True):
    """`culprit` is the backend workload, or the Service where none is known. `suffering` are the consumers that are unwell; `calls` their failed calls; `ready` is None where endpoints were not seen."""

    service: Ref
    culprit: Ref
    state: str
    suffering: tuple[Ref, ...]
    calls: tuple[Call, ...]
    evidence: tuple[Evidence, ...]
    ready: bool | None
    waits: bool


def unanswered(index: Index) -> Iterator[Unanswered]:
    named: dict[Ref, set[Ref]] = {}
    waiting: dict[Ref, set[Ref]] = {}
    told: dict[Ref, Evidence] = {}
    for edge in edges(index):
        if edge.target is None or edge.consumer in edge.backends:
            continue
        named.setdefault(edge.target, set()).add(edge.consumer)
        if edge.address.waits:
            waiting.setdefault(edge.target, set()).add(edge.consumer)
            told.setdefault(edge.target, Evidence(edge.address.at, edge.address.path, edge.address.text[:300]))
    failed = _by_target(index)
    for ref in sorted({*named, *failed}):
        service = index.snapshot.get(Service, ref.namespace, ref.name)
        if service is None or index.snapshot.intent_only:
            continue
        calls = tuple(call for call in failed.get(ref, ()) if call.outcome != "dns-failure")
        ready = has_ready_endpoint(index, service)
        templates = backends_of(index, service)
        unwell = [item for item in templates if item.pods and not item.ready]
        if ready or (ready is None and not unwell):
            continue
        stuck = {item for item in named.get(ref, ()) if _is_unwell(index, item)}
        waits = bool(stuck & waiting.get(ref, set()))
        suffering = tuple(sorted(stuck | {call.workload for call in calls}))
        if not suffering:
            continue
        culprit = unwell[0].ref if unwell else templates[0].ref if len(templates) == 1 else ref
        yield Unanswered(ref, culprit, _state(templates), suffering, calls, (told[ref],) if waits else (), ready, waits)


def _by_target(index: Index) -> dict[Ref, list[Call]]:
    """Failed calls by the Service at the end of an ExternalName chain."""
    found: dict[Ref, list[Call]] = {}
    for ref, items in failed_calls_to(index).items():
        service = index.snapshot.get(Service, ref.namespace, ref.name)
        target = follow(index, service)[0] if service else None
        if target:
            found.setdefault(target, []).extend(items)
    return found


def _is_unwell(index: Index, consumer: Ref) -> bool:
    template = template_of(index, consumer)
    return template is not None and any(not is_ready(pod) for pod in template.pods)


def _state(templates: tuple[Template, ...]) -> str:
    if not templates:
        return "no workload is selected by it"
    pods = [pod for item in templates for pod in item.pods]
    if not pods:
        return f"{templates[0].ref.kind} {templates[0].ref.name} has no pods"
    states = sorted({status_column(pod) for pod in pods})
    return f"pods of {templates[0].ref.kind} {templates[0].ref.name} are {', '.join(states)}, none ready"
