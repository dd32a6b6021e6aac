"""Who connects to the pods of a namespace, as far as configuration, routes, calls and the cluster's own parts tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from seakeep.facts.calls.calls import calls
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.parties import Destination, behind, of_template
from seakeep.facts.policies.policy_blocks import destinations
from seakeep.facts.routing.service_ports import numbers_of
from seakeep.facts.security.api_rights import account_of
from seakeep.facts.security.pod_makers import registers_itself
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.facts.workloads.templates import Template, known_templates, template_of
from seakeep.model.objects import (
    APIService,
    Ingress,
    MutatingWebhookConfiguration,
    Service,
    Unstructured,
    ValidatingWebhookConfiguration,
)
from seakeep.model.refs import Ref

_SCRAPERS = frozenset({"prometheus", "otel-collector"})
_SCRAPER_IMAGES = ("vmagent", "prometheus", "alloy", "agent", "opentelemetry-collector", "victoria-metrics")
_GATEWAYS = frozenset({"ingress-nginx", "traefik", "kong"})
# Routes of gateways whose targets are not read.
_ROUTES = (
    "HTTPRoute",
    "GRPCRoute",
    "TCPRoute",
    "TLSRoute",
    "VirtualService",
    "IngressRoute",
    "TCPIngress",
    "HTTPProxy",
)
_OPEN = frozenset({"LoadBalancer", "NodePort"})


class Inbound(Struct, frozen=True):
    """`source` None is anybody: the API server, a node, clients outside. `to.workload` is in the namespace; `why` says what tells."""

    source: Ref | None
    to: Destination
    why: str


@once
def inbound(index: Index) -> Mapping[str, tuple[Inbound, ...]]:
    """By namespace, each source, workload and port once."""
    found: dict[str, dict[tuple[object, ...], Inbound]] = {}
    for item in (*_configured(index), *_called(index), *_routed(index), *_open(index), *_by_server(index)):
        if item.to.workload is not None:
            key = (item.source, item.to.workload, item.to.port, item.to.protocol)
            found.setdefault(item.to.workload.namespace, {}).setdefault(key, item)
    return {space: tuple(items.values()) for space, items in found.items()}


def _configured(index: Index) -> Iterator[Inbound]:
    for edge in edges(index):
        if edge.exists and edge.target is not None:
            for to in behind(index, edge.service, edge.address.port):
                yield Inbound(edge.consumer, to, edge.address.path)


def _called(index: Index) -> Iterator[Inbound]:
    for call in calls(index):
        if call.probe not in {"dns", "ping"}:
            source = None if call.workload.kind == "Node" else call.workload
            for to in destinations(index, call):
                yield Inbound(source, to, call.probe)


def _routed(index: Index) -> Iterator[Inbound]:
    """From the controllers that were seen; where none was, from anywhere."""
    doors: list[Ref | None] = [item.ref for item in gateways(index)]
    for ingress in index.snapshot.all(Ingress):
        paths = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
        for backend in (*paths, *([ingress.spec.default_backend] if ingress.spec.default_backend else [])):
            service = backend.service
            item = index.snapshot.get(Service, ingress.namespace, service.name) if service else None
            if service is None or item is None:
                continue
            named = next((port.port for port in item.spec.ports if port.name == service.port.name), 0)
            for to in behind(index, item.ref, service.port.number or named):
                yield from (Inbound(door, to, str(ingress.ref)) for door in doors or [None])


def _open(index: Index) -> Iterator[Inbound]:
    for item in index.snapshot.all(Service):
        if item.spec.type in _OPEN or item.spec.external_ips:
            for port in item.spec.ports:
                yield from (
                    Inbound(None, to, f"{item.spec.type} {item.name}") for to in behind(index, item.ref, port.port)
                )
    for template in known_templates(index):
        if template.spec.host_network:
            continue
        party = of_template(template)
        for own in (each for part in template.serving for each in part.ports if each.host_port):
            to = Destination(None, template.ref, party, own.container_port, own.host_port, own.protocol, None)
            yield Inbound(None, to, f"port {own.host_port} of its nodes")


def _by_server(index: Index) -> Iterator[Inbound]:
    """The API server calls from an address of its node."""
    named = [
        (hook.client_config.service, item.ref)
        for kind in (ValidatingWebhookConfiguration, MutatingWebhookConfiguration)
        for item in index.snapshot.all(kind)
        for hook in item.webhooks
    ]
    named += [(item.spec.service, item.ref) for item in index.snapshot.all(APIService)]
    for service, by in named:
        if service is not None and service.name:
            for to in behind(index, Ref("Service", service.namespace, service.name), service.port or 443):
                yield Inbound(None, to, str(by))
    for entry in judged_templates(index):
        if entry.labels_known and registers_itself(index, entry) and (template := template_of(index, entry.ref)):
            for number in sorted(numbers_of(template)):
                to = Destination(None, entry.ref, of_template(template), number, number, "TCP", None)
                yield Inbound(None, to, f"the webhooks that {account_of(entry)} may write")


@once
def gateways(index: Index) -> tuple[Template, ...]:
    """What takes requests from outside and hands them on."""
    doors = {
        to.workload
        for item in index.snapshot.all(Service)
        if item.spec.type in _OPEN
        for port in item.spec.ports[:1]
        for to in behind(index, item.ref, port.port)
    }
    return tuple(
        item for item in known_templates(index) if item.lasting and (item.ref in doors and _hands_on(index, item))
    )


def _hands_on(index: Index, item: Template) -> bool:
    traits = index.traits.get(item.ref)
    return traits is None or traits.service in _GATEWAYS or traits.service == "istio"


def routes_unread(index: Index) -> bool:
    """Gateways may send anywhere: there is no Ingress to say where, or there are routes of kinds that are not read."""
    return not any(index.snapshot.objects.get("Ingress", {})) or any(
        index.snapshot.objects.get(kind) for kind in _ROUTES
    )


@once
def scrapers(index: Index) -> tuple[Template, ...]:
    """They ask every pod that offers metrics, found through the API rather than by a configured address."""
    return tuple(item for item in known_templates(index) if item.lasting and _scrapes(index, item))


def _scrapes(index: Index, item: Template) -> bool:
    traits = index.traits.get(item.ref)
    if traits is not None and traits.service in _SCRAPERS:
        return True
    return any(parts_of(each.image).key.rpartition("/")[2] in _SCRAPER_IMAGES for each in item.spec.containers)


@once
def operators(index: Index) -> tuple[Template, ...]:
    """They speak to the pods that they make."""
    return tuple(
        item
        for item in known_templates(index)
        if item.lasting
        and (
            ((traits := index.traits.get(item.ref)) is not None and traits.service.endswith("operator"))
            or item.ref.name.endswith("operator")
        )
    )


def parties_of(index: Index, items: Sequence[Inbound]) -> Iterator[tuple[Inbound, Template | None]]:
    """Each with its source's template; None for anybody."""
    for item in items:
        yield item, template_of(index, item.source) if item.source else None


def is_made_by_operator(index: Index, ref: Ref) -> bool:
    item = index.snapshot.find(ref)
    return (
        item is None
        or isinstance(item, Unstructured)
        or any(
            owner.controller
            and owner.kind not in {"ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"}
            for owner in item.metadata.owner_references
        )
    )
