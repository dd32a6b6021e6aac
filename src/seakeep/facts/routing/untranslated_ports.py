"""Ports of Services that nothing turns into a port of a pod: of headless ones, and of those whose endpoints are kept by hand under another name."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls, failed_calls_to
from seakeep.facts.calls.dependencies import Edge, edges_to
from seakeep.facts.index import Index
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.routing.service_ports import number_of, numbers_of, target_of
from seakeep.model.objects import Endpoints, EndpointSlice, Service, ServicePort
from seakeep.model.snapshot import Depth


class Untranslated(Struct, frozen=True):
    """Callers of a headless Service get the pods' own addresses and use `port` there, while the pods listen on `listening`."""

    service: Service
    port: ServicePort
    listening: int
    users: tuple[Edge, ...]
    refused: tuple[Call, ...]


def untranslated(index: Index) -> Iterator[Untranslated]:
    for service in index.snapshot.all(Service):
        templates = [item for item in backends_of(index, service) if item.spec_known and numbers_of(item)]
        if service.spec.cluster_ip != "None" or not service.spec.selector or not templates:
            continue
        for port in service.spec.ports:
            target = target_of(index, service, port)
            listening = number_of(templates[0], target) if target is not None else 0
            if listening in {0, port.port} or any(port.port in numbers_of(item) for item in templates):
                continue
            users = tuple(
                edge
                for edge in edges_to(index, service.ref)
                if edge.address.port == port.port and not edge.address.implied_port
            )
            refused = tuple(
                call
                for call in failed_calls_to(index).get(service.ref, ())
                if call.port == port.port and call.outcome == "refused"
            )
            works = any(
                call.service == service.ref and call.port == port.port and call.outcome == "ok" for call in calls(index)
            )
            if (users or refused) and not works:
                yield Untranslated(service, port, listening, users, refused)


class Misnamed(Struct, frozen=True):
    """A port whose name none of the ports in `source` has, which somebody keeps by hand: the name alone joins the two."""

    service: Service
    port: ServicePort
    source: Endpoints | EndpointSlice
    names: tuple[str, ...]


def misnamed(index: Index) -> Iterator[Misnamed]:
    for service in index.snapshot.all(Service):
        if service.spec.selector or service.spec.type == "ExternalName":
            continue
        if index.snapshot.depth(service.ref) < Depth.DESCRIBED:
            continue  # a row shows no names of ports
        endpoints = index.endpoints_of(service)
        sources: list[Endpoints | EndpointSlice] = [*([endpoints] if endpoints else []), *index.slices_of(service)]
        ports = [
            (source, port.name)
            for source in sources
            if index.snapshot.depth(source.ref) is Depth.FULL
            for part in (source.subsets if isinstance(source, Endpoints) else (source,))
            for port in part.ports
        ]
        names = {name for _, name in ports}
        for port in service.spec.ports:
            if ports and port.name not in names:
                yield Misnamed(service, port, ports[0][0], tuple(sorted(names)))
