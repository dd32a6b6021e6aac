"""Ports of Services, put right: where they lead, and what they are called by."""

from __future__ import annotations

from typing import Any

from msgspec.json import encode

from seakeep.facts.index import Index
from seakeep.facts.routing.address_verdicts import DisplacedPort
from seakeep.facts.routing.service_ports import PortProblem, ProtocolProblem, Sureness, targets_known
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Service, ServicePort

_ROUTES = ("GRPCRoute", "HTTPRoute", "Ingress", "IngressRoute", "TCPRoute", "TLSRoute", "VirtualService")


def retargeted(index: Index, item: PortProblem) -> Change | None:
    """Only where nobody gets through now, and one declared port is the right one: containers may listen on ports that they do not declare."""
    if item.right is None or item.sureness is not Sureness.CERTAIN or not targets_known(index, item.service):
        return None
    ref = item.template.ref
    told = item.why or f"no container has a port named {item.target}"
    serves = "listens on" if item.heard else "declares"
    why = f"{told}, and {ref.kind} {ref.name} {serves} {', '.join(item.declared)}"
    entry = {"port": item.port.port, "protocol": item.port.protocol, "targetPort": item.right}
    return Change(item.service.ref, {"spec": {"ports": [entry]}}, (), Risk.LOW, why)


def returned(index: Index, item: DisplacedPort) -> Change | None:
    """Of a Service with several ports nobody knows which one moved; one that is open to the outside, or that a route sends to, has callers that are not seen."""
    service, ports = item.service, item.service.spec.ports
    if not item.certain or len(ports) != 1 or not targets_known(index, service):
        return None
    if service.spec.type not in {"", "ClusterIP"} or _routed(index, service):
        return None
    users = ", ".join(sorted(ref.name for ref in item.consumers)[:4])
    why = (
        f"{users} use port {item.port}, and none the {item.offered} that it offers{f'; {item.why}' if item.why else ''}"
    )
    return _renamed(item.service, ports[0], item.port, ports[0].protocol, why)


def _routed(index: Index, service: Service) -> bool:
    """Whether an Ingress, or a route of another kind, of its namespace speaks of it."""
    routes = (item for kind in _ROUTES for item in index.snapshot.of_kind(kind) if item.namespace == service.namespace)
    return any(f'"{service.name}"'.encode() in encode(item) for item in routes)


def respoken(index: Index, item: ProtocolProblem) -> Change | None:
    if not item.certain or not targets_known(index, item.service):
        return None
    why = f"{item.workload.kind} {item.workload.name} declares containerPort {item.number} with {item.spoken} only"
    return _renamed(item.service, item.port, item.port.port, item.spoken, why)


def _renamed(service: Service, old: ServicePort, port: int, protocol: str, why: str) -> Change:
    """Number and protocol are what a Service's ports are told apart by: the entry is put in anew, and the old one is taken away."""
    entry: dict[str, Any] = {"port": port, "protocol": protocol}
    kept = (("name", old.name), ("targetPort", old.target_port), ("nodePort", old.node_port), ("appProtocol", old.app_protocol))  # fmt: skip
    entry |= {key: value for key, value in kept if value}
    gone = text_of(("spec", "ports", (("port", old.port), ("protocol", old.protocol))))
    return Change(service.ref, {"spec": {"ports": [entry]}}, (gone,), Risk.LOW, why)
