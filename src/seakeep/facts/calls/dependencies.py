"""Who relies on whom, from the addresses in configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.routing.addresses import Address, addresses, resolve
from seakeep.facts.routing.routing import backends_of, has_ready_endpoint
from seakeep.model.objects import Service
from seakeep.model.refs import Ref

_CHAIN = 8


class Edge(Struct, frozen=True):
    """`consumer` is a workload, `service` the Service that its `address` means, `target` the one at the end of an ExternalName chain (None: outside or nowhere).

    `exists` is None where it was not seen whether the Service exists; `broken` is set where it is known that nothing answers there.
    """

    consumer: Ref
    address: Address
    service: Ref
    target: Ref | None
    backends: tuple[Ref, ...]
    exists: bool | None
    broken: bool


@once
def edges(index: Index) -> tuple[Edge, ...]:
    """Every address that means a Service of this cluster."""
    found: list[Edge] = []
    for consumer, named in sorted(addresses(index).items()):
        for address in named:
            service = resolve(index, address.host, consumer.namespace).service
            if service is None:
                continue
            found.append(_edge(index, consumer, address, service))
    return tuple(found)


@once
def _by_consumer(index: Index) -> Mapping[Ref, Sequence[Edge]]:
    groups: dict[Ref, list[Edge]] = defaultdict(list)
    for edge in edges(index):
        groups[edge.consumer].append(edge)
    return groups


def edges_of(index: Index, consumer: Ref) -> Sequence[Edge]:
    """Those of one workload."""
    return _by_consumer(index).get(consumer, ())


@once
def _by_service(index: Index) -> Mapping[Ref | None, Sequence[Edge]]:
    groups: dict[Ref | None, list[Edge]] = defaultdict(list)
    for edge in edges(index):
        for service in {edge.service, edge.target}:
            groups[service].append(edge)
    return groups


def edges_to(index: Index, service: Ref) -> Sequence[Edge]:
    """Those that mean a Service, directly or through an ExternalName."""
    return _by_service(index).get(service, ())


def _edge(index: Index, consumer: Ref, address: Address, service: Ref) -> Edge:
    item = index.snapshot.get(Service, service.namespace, service.name)
    if item is None:
        absent = index.snapshot.is_absent(service)
        # Plain manifests may leave a Service to Helm, an operator or another repository.
        known = absent and not index.snapshot.intent_only
        return Edge(consumer, address, service, None, (), False if known else None, known)
    target, resolves = follow(index, item)
    end = index.snapshot.get(Service, target.namespace, target.name) if target else None
    owners = tuple(backend.ref for backend in backends_of(index, end)) if end else ()
    dead = resolves is False or (end is not None and has_ready_endpoint(index, end) is False)
    return Edge(consumer, address, service, target, owners, True, dead and not index.snapshot.intent_only)


def follow(index: Index, service: Service) -> tuple[Ref | None, bool | None]:
    """The Service at the end of an ExternalName chain, and whether the chain ends in something: False where it is known not to, None where that cannot be seen."""
    seen: set[Ref] = set()
    current = service
    while current.spec.type == "ExternalName":
        if current.ref in seen or len(seen) > _CHAIN:
            return None, False
        seen.add(current.ref)
        inside = resolve(index, current.spec.external_name, current.namespace)
        if inside.service is None or "." not in current.spec.external_name:
            return None, None if "." in current.spec.external_name else False
        following = index.snapshot.get(Service, inside.service.namespace, inside.service.name)
        if following is None:
            return inside.service, False if index.snapshot.is_absent(inside.service) else None
        current = following
    return current.ref, True


@once
def consumers(index: Index) -> Mapping[Ref, Sequence[Ref]]:
    """Service → the workloads that address it, directly or through an ExternalName."""
    found: dict[Ref, list[Ref]] = {}
    for edge in edges(index):
        for service in {edge.service, edge.target} - {None}:
            if service is not None and edge.consumer not in found.setdefault(service, []):
                found[service].append(edge.consumer)
    return {ref: tuple(sorted(items)) for ref, items in sorted(found.items())}
