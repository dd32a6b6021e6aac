"""What the Prometheus operator's monitors of manifests pick: a port by its name, of Services or pods by their labels. Source: its API reference (ServiceMonitor, PodMonitor)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import nearest
from seakeep.facts.routing.routing import backends
from seakeep.facts.routing.service_ports import names_of
from seakeep.facts.selection import matches, matches_map
from seakeep.facts.workloads.planned import same_place
from seakeep.model.confidence import LIKELY, POSSIBLE
from seakeep.model.fields import maps
from seakeep.model.objects import LabelSelector, Requirement, Service, Unstructured
from seakeep.model.refs import Ref


class Unscraped(Struct, frozen=True):
    """`why` completes "ServiceMonitor x ", `said` is what stands at `path`, and `repair` what to do."""

    monitor: Ref
    path: str
    said: str
    why: str
    repair: str
    confidence: float


def unscraped(index: Index) -> Iterator[Unscraped]:
    """Of manifests, sorted by monitor: one whose Services have no such port, or whose labels only the pods have."""
    if not index.snapshot.intent_only:
        return
    for kind in ("PodMonitor", "ServiceMonitor"):
        for item in index.snapshot.of_kind(kind):
            if isinstance(item, Unstructured) and isinstance(item.spec, Mapping):
                yield from _of(index, item, item.spec)


def _of(index: Index, item: Unstructured, spec: Mapping[str, Any]) -> Iterator[Unscraped]:
    selector, pods = _selector(spec.get("selector")), item.kind == "PodMonitor"
    if selector is None:
        return
    places = _places(item, spec)
    field = "spec.podMetricsEndpoints" if pods else "spec.endpoints"
    wanted = [str(each["port"]) for each in maps(spec.get(field.rpartition(".")[2])) if each.get("port")]
    found = _picked(index, selector, places, pods=pods)
    for port in wanted if found else ():
        names = sorted({name for _, ports in found for name in ports})
        if names and port not in names:
            who, meant = ", ".join(sorted(ref.name for ref, _ in found)[:3]), nearest(port, names)
            kinds = sorted({ref.kind for ref, _ in found})
            yield Unscraped(
                item.ref,
                f"{field}[].port",
                port,
                f"scrapes port {port} of {'/'.join(kinds)} {who}, which has no port of that name ({', '.join(names)})",
                f"Let port of {item.kind} {item.name} be {meant or ' or '.join(names)}.",
                LIKELY,
            )
            return
    if not found and not pods:
        yield from _unlabelled(index, item, selector, places, wanted)


def _unlabelled(
    index: Index, item: Unstructured, selector: LabelSelector, places: frozenset[str] | None, wanted: list[str]
) -> Iterator[Unscraped]:
    """A ServiceMonitor goes by the labels of Services, which are often taken for those of the pods."""
    alike = [
        service
        for service in index.snapshot.all(Service)
        if _is_in(service.namespace, places)
        and matches_map(selector.match_labels, service.spec.selector)
        and {port.name for port in service.spec.ports} & set(wanted)
    ]
    if len(alike) == 1:
        said = ", ".join(f"{key}={value}" for key, value in sorted(selector.match_labels.items()))
        yield Unscraped(
            item.ref,
            "spec.selector.matchLabels",
            said,
            f"picks no Service: {said} is what Service {alike[0].name} selects, and no label of its own",
            f"Label Service {alike[0].name} with {said}.",
            POSSIBLE,
        )


def _picked(
    index: Index, selector: LabelSelector, places: frozenset[str] | None, *, pods: bool
) -> list[tuple[Ref, frozenset[str]]]:
    """With the names of their ports."""
    if pods:
        return [
            (template.ref, frozenset(names_of(template)))
            for place, group in sorted(backends(index).items())
            for template in group
            if _is_in(place, places) and matches(selector, template.labels)
        ]
    return [
        (service.ref, frozenset(port.name for port in service.spec.ports if port.name))
        for service in index.snapshot.all(Service)
        if _is_in(service.namespace, places) and matches(selector, service.labels)
    ]


def _is_in(place: str, places: frozenset[str] | None) -> bool:
    return places is None or any(same_place(place, each) for each in places)


def _places(item: Unstructured, spec: Mapping[str, Any]) -> frozenset[str] | None:
    """None for all."""
    told = spec.get("namespaceSelector")
    if not isinstance(told, Mapping) or not told:
        return frozenset({item.namespace})
    names = told.get("matchNames")
    return None if told.get("any") or not isinstance(names, list) else frozenset(map(str, names))


def _selector(value: Any) -> LabelSelector | None:
    """None where it picks everything, or is not read."""
    if not isinstance(value, Mapping):
        return None
    labels, expressions = value.get("matchLabels"), maps(value.get("matchExpressions"))
    plain = {str(key): str(each) for key, each in labels.items()} if isinstance(labels, Mapping) else {}
    asked = tuple(
        Requirement(
            key=str(each.get("key")),
            operator=str(each.get("operator")),
            values=tuple(map(str, each.get("values") or ())),
        )
        for each in expressions
    )
    return LabelSelector(match_labels=plain, match_expressions=asked) if plain or asked else None
