"""What routes to Services by their names (Ingresses, Gateway API routes, Istio VirtualServices, Argo Rollouts), where the Service, or the port of it, is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import leaves_out_a_word, near, same_name
from seakeep.model.fields import maps, value_at
from seakeep.model.objects import Ingress, KubeObject, Service, Unstructured
from seakeep.model.refs import Ref

_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
# https://argo-rollouts.readthedocs.io/en/stable/features/specification
_OF_ROLLOUTS = (
    ("canary", "canaryService"),
    ("canary", "stableService"),
    ("blueGreen", "activeService"),
    ("blueGreen", "previewService"),
)


class Backend(Struct, frozen=True):
    """`port` is a number or a name, "" where none is named."""

    holder: KubeObject
    path: str
    namespace: str
    name: str
    port: str


class Astray(Struct, frozen=True):
    """`meant` is the Service that was probably meant; `port` is set where the Service is there and offers another port. `known` where the Service is certain not to exist."""

    backend: Backend
    meant: Service | None
    port: str
    known: bool


def backends(index: Index) -> Iterator[Backend]:
    """Each once per object that names it."""
    for ingress in index.snapshot.all(Ingress):
        yield from _once(_of_ingress(ingress))
    for kind in _ROUTES:
        for item in index.snapshot.of_kind(kind):
            yield from _once(_of_route(item))
    for item in index.snapshot.of_kind("VirtualService"):
        yield from _once(_of_virtual_service(item))
    for item in index.snapshot.of_kind("Rollout"):
        for way, field in _OF_ROLLOUTS:
            name = value_at(_spec(item), ("strategy", way, field))
            if isinstance(name, str) and name:
                yield Backend(item, f"spec.strategy.{way}.{field}", item.namespace, name, "")


def _once(found: Iterator[Backend]) -> Iterator[Backend]:
    yield from {(item.path, item.namespace, item.name, item.port): item for item in found}.values()


def _of_ingress(item: Ingress) -> Iterator[Backend]:
    default = item.spec.default_backend
    paths = [path.backend for rule in item.spec.rules if rule.http for path in rule.http.paths]
    for each in (*([default] if default else []), *paths):
        if each.service is not None:
            port = each.service.port.name or str(each.service.port.number or "")
            yield Backend(item, "spec.rules[].http.paths[].backend.service", item.namespace, each.service.name, port)


def _of_route(item: KubeObject) -> Iterator[Backend]:
    """A route within another namespace needs a ReferenceGrant, which is another matter."""
    for rule in maps(_spec(item).get("rules")):
        mirrors = [value_at(part, ("requestMirror", "backendRef")) for part in maps(rule.get("filters"))]
        for one in maps([*maps(rule.get("backendRefs")), *mirrors]):
            if one.get("kind", "Service") == "Service" and not one.get("group") and one.get("name"):
                space = str(one.get("namespace") or item.namespace)
                yield Backend(item, "spec.rules[].backendRefs", space, str(one["name"]), str(one.get("port") or ""))


def _of_virtual_service(item: KubeObject) -> Iterator[Backend]:
    """Hosts that are names of Services: ServiceEntries have others."""
    for kind in ("http", "tcp", "tls"):
        for rule in maps(_spec(item).get(kind)):
            for one in maps(rule.get("route")):
                labels = (
                    str(value_at(one, ("destination", "host")) or "")
                    .removesuffix(".cluster.local")
                    .removesuffix(".svc")
                    .split(".")
                )
                if labels[0] and len(labels) <= 2 and "*" not in labels[0] and (len(labels) == 1 or ".svc" in str(value_at(one, ("destination", "host")))):  # fmt: skip
                    port = str(value_at(one, ("destination", "port", "number")) or "")
                    yield Backend(
                        item, f"spec.{kind}[].route[].destination", (*labels, item.namespace)[1], labels[0], port
                    )


def _spec(item: KubeObject) -> Mapping[str, Any]:
    return item.spec if isinstance(item, Unstructured) and isinstance(item.spec, Mapping) else {}


def astray(index: Index) -> Iterator[Astray]:
    for backend in backends(index):
        service = index.snapshot.get(Service, backend.namespace, backend.name)
        if service is None:
            yield from _absent(index, backend)
        elif service.spec.ports and service.spec.type != "ExternalName" and not _offers(service, backend.port):
            yield Astray(backend, service, backend.port, known=True)


def _offers(service: Service, port: str) -> bool:
    """A table shows ports without their names, which then may be any."""
    if port and not port.isdecimal():
        return any(item.name == port for item in service.spec.ports) or not any(
            item.name for item in service.spec.ports
        )
    return not port or any(item.port == int(port) for item in service.spec.ports)


def _absent(index: Index, backend: Backend) -> Iterator[Astray]:
    """Of plain manifests, which may leave Services to others, only where the namespace has one of nearly that name."""
    ref = Ref("Service", backend.namespace, backend.name)
    known = index.snapshot.is_absent(ref) and not index.snapshot.intent_only
    alike = [
        item
        for item in index.services_in(backend.namespace)
        if near(item.name, backend.name)
        or same_name(item.name, backend.name)
        or leaves_out_a_word(item.name, backend.name)
    ]
    if index.snapshot.intent_only and not alike:
        # Routes lead within their own namespace, unless they say otherwise.
        alike = [
            item
            for item in index.snapshot.all(Service)
            if item.name == backend.name and backend.namespace and item.namespace not in {"", backend.namespace}
        ]
    if known or (alike and (index.snapshot.intent_only or index.snapshot.is_absent(ref))):
        yield Astray(backend, alike[0] if len(alike) == 1 else None, "", known)
