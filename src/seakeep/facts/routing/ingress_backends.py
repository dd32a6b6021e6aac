"""Ingresses that route to a Service, or to a port of it, that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import near, same_name
from seakeep.model.objects import Ingress, Service
from seakeep.model.objects.network import IngressServiceBackend
from seakeep.model.refs import Ref


class Astray(Struct, frozen=True):
    """`meant` is the Service that was probably meant; `port` is set where the Service is there and offers another port. `known` where the Service is certain not to exist."""

    ingress: Ingress
    backend: IngressServiceBackend
    meant: Service | None
    port: str
    known: bool


def backends(ingress: Ingress) -> tuple[IngressServiceBackend, ...]:
    """Those of its paths, and the default one."""
    paths = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    default = ingress.spec.default_backend
    found = dict.fromkeys((*([default] if default else []), *paths))
    return tuple(backend.service for backend in found if backend.service is not None)


def astray(index: Index) -> Iterator[Astray]:
    for ingress in index.snapshot.all(Ingress):
        for backend in dict.fromkeys(backends(ingress)):
            service = index.snapshot.get(Service, ingress.namespace, backend.name)
            if service is None:
                yield from _absent(index, ingress, backend)
            elif service.spec.ports and service.spec.type != "ExternalName" and not _offers(service, backend):
                port = backend.port.name or str(backend.port.number)
                yield Astray(ingress, backend, service, port, known=True)


def _offers(service: Service, backend: IngressServiceBackend) -> bool:
    """A table shows ports without their names, which then may be any."""
    wanted = backend.port
    if wanted.name:
        return any(port.name == wanted.name for port in service.spec.ports) or not any(
            port.name for port in service.spec.ports
        )
    return not wanted.number or any(port.port == wanted.number for port in service.spec.ports)


def _absent(index: Index, ingress: Ingress, backend: IngressServiceBackend) -> Iterator[Astray]:
    """Of plain manifests, which may leave Services to others, only where the namespace has one of nearly that name."""
    ref = Ref("Service", ingress.namespace, backend.name)
    known = index.snapshot.is_absent(ref) and not index.snapshot.intent_only
    alike = [
        item
        for item in index.services_in(ingress.namespace)
        if near(item.name, backend.name) or same_name(item.name, backend.name)
    ]
    if index.snapshot.intent_only and not alike:
        # Ingresses route within their own namespace only.
        alike = [
            item
            for item in index.snapshot.all(Service)
            if item.name == backend.name and ingress.namespace and item.namespace not in {"", ingress.namespace}
        ]
    if known or (alike and (index.snapshot.intent_only or index.snapshot.is_absent(ref))):
        yield Astray(ingress, backend, alike[0] if len(alike) == 1 else None, "", known)
