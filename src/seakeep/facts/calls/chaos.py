"""Faults that somebody injects on purpose: Chaos Mesh experiments and the fault filters of an Istio VirtualService."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.routing.addresses import resolve
from seakeep.facts.selection import matches_map, selected_pods
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import KubeObject, Pod, Service, Unstructured
from seakeep.model.refs import Ref


class Injection(Struct, frozen=True):
    """`source` is the object that injects, `pods` those that it hits, `what` in its own words; `partly` where only some requests are meant."""

    source: Ref
    what: str
    pods: tuple[Pod, ...]
    evidence: Evidence
    partly: bool = False


def experiments(index: Index, kind: str) -> Iterator[Injection]:
    """Chaos Mesh objects of one kind that run now."""
    for item in index.snapshot.of_kind(kind):
        spec, status = _map(item, "spec"), _map(item, "status")
        if "chaos-mesh.org" not in item.api_version or _is_over(item, status):
            continue
        pods = tuple(_selected(index, item, spec.get("selector") or {}))
        if pods:
            what = str(spec.get("action") or ", ".join(sorted(spec.get("stressors") or {})))
            detail = spec.get(what) if isinstance(spec.get(what), dict) else spec.get("stressors")
            text = f"{what} {detail or ''}".strip()[:240]
            yield Injection(item.ref, what, pods, Evidence(item.ref, "spec", text))


def _map(item: KubeObject, field: str) -> Mapping[str, Any]:
    value = getattr(item, field, None) if isinstance(item, Unstructured) else None
    return value if isinstance(value, dict) else {}


def _is_over(item: KubeObject, status: Mapping[str, Any]) -> bool:
    conditions = {
        str(part.get("type")): str(part.get("status"))
        for part in status.get("conditions") or ()
        if isinstance(part, dict)
    }
    stopped = (status.get("experiment") or {}).get("desiredPhase") == "Stop"
    paused = item.metadata.annotations.get("experiment.chaos-mesh.org/pause") == "true"
    return (
        stopped
        or paused
        or conditions.get("Paused") == "True"
        or (conditions.get("AllRecovered") == "True" and conditions.get("AllInjected") != "True")
    )


def _selected(index: Index, item: KubeObject, selector: Mapping[str, Any]) -> Iterator[Pod]:
    spaces = selector.get("namespaces") or [item.namespace]
    labels, named = selector.get("labelSelectors"), selector.get("pods") or {}
    for space in spaces if isinstance(spaces, list) else ():
        for pod in index.pods_in(str(space)):
            by_name = isinstance(named, dict) and pod.name in (named.get(space) or ())
            by_label = isinstance(labels, dict) and labels and matches_map(labels, pod.labels)
            if (by_name or by_label or not (labels or named)) and not is_finished(pod):
                yield pod


def route_faults(index: Index) -> Iterator[Injection]:
    """Routes of Istio VirtualServices that delay or abort requests."""
    for item in index.snapshot.of_kind("VirtualService"):
        spec = _map(item, "spec")
        routes = spec.get("http")
        for route in routes if isinstance(routes, list) and "istio.io" in item.api_version else ():
            fault = route.get("fault") if isinstance(route, dict) else None
            words = [word for kind in ("delay", "abort") if (word := _fault(kind, (fault or {}).get(kind)))]
            if words:
                pods = tuple({pod.ref: pod for pod in _backends(index, item, spec, route)}.values())
                text = ", ".join(words)
                yield Injection(
                    item.ref, text, pods, Evidence(item.ref, "spec.http.fault", text), bool(route.get("match"))
                )


def _fault(kind: str, fault: object) -> str:
    """In words; "" where it is switched off."""
    if not isinstance(fault, dict):
        return ""
    share = (fault.get("percentage") or {}).get("value", fault.get("percent", 100))
    if not isinstance(share, int | float) or share <= 0:
        return ""
    how = fault.get("fixedDelay") or fault.get("httpStatus") or fault.get("grpcStatus") or ""
    return f"{kind} {how} for {share:g} % of requests"


def _backends(index: Index, item: KubeObject, spec: Mapping[str, Any], route: Mapping[str, Any]) -> Iterator[Pod]:
    hosts = [(part.get("destination") or {}).get("host") for part in route.get("route") or () if isinstance(part, dict)]
    for host in hosts if any(hosts) else spec.get("hosts") or ():
        ref = resolve(index, str(host), item.namespace).service
        service = index.snapshot.get(Service, ref.namespace, ref.name) if ref else None
        if service and service.spec.selector:
            yield from selected_pods(index, service.namespace, service.spec.selector)
