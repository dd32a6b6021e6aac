"""ExternalName Services whose name cannot be resolved."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip, near, stem
from seakeep.facts.routing.address_verdicts import offers
from seakeep.facts.routing.addresses import resolve
from seakeep.facts.routing.misaddressed import consumers_of
from seakeep.facts.routing.operator_services import may_be_made
from seakeep.facts.routing.routing import has_ready_endpoint
from seakeep.model.objects import Namespace, Service
from seakeep.model.refs import Ref

_DOMAIN = ".svc.cluster.local"
# Ports that say nothing of what is served.
_COMMON = frozenset({80, 443, 3000, 5000, 8000, 8080, 8081, 8443, 9000, 9090})
# Names that no DNS server resolves (RFC 6761, RFC 2606).
_NEVER = (".invalid", ".test", ".localhost")


class DeadEnd(Struct, frozen=True):
    """`meant` is the full name that was probably meant, "" where nothing is like it. `certain` where the cluster itself says that the name leads nowhere."""

    service: Service
    why: str
    meant: str
    certain: bool
    consumers: tuple[Ref, ...]
    calls: tuple[Call, ...]


def dead_ends(index: Index) -> Iterator[DeadEnd]:
    for service in index.snapshot.all(Service):
        if service.spec.type != "ExternalName":
            continue
        failed = _failed(index, service)
        verdict = _verdict(index, service)
        if verdict is None and failed:
            verdict = ("does not resolve", "", False)
        if verdict:
            why, meant, certain = verdict
            yield DeadEnd(
                service,
                why,
                meant or _only_one_on_their_port(index, service),
                certain,
                consumers_of(index, service.ref),
                failed,
            )


def _failed(index: Index, service: Service) -> tuple[Call, ...]:
    return tuple(
        call
        for call in calls(index)
        if call.failed
        and call.outcome == "dns-failure"
        and (call.service == service.ref or call.host.rstrip(".") == service.spec.external_name.rstrip("."))
    )


def _verdict(index: Index, service: Service) -> tuple[str, str, bool] | None:
    """Why it leads nowhere, what was meant, and whether that is certain; None where nothing speaks against it."""
    name = service.spec.external_name.lower().rstrip(".")
    if not name:
        return "is empty", "", index.snapshot.depth(service.ref) > 1
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return "is an IP address, which DNS cannot answer with", "", True
    if name.endswith(_NEVER):
        return "ends in a domain that no DNS server knows", "", True
    if name == f"{service.name}.{service.namespace}{_DOMAIN}":
        return "is its own name", "", True
    if name.endswith(_DOMAIN):
        return _inside(index, name)
    labels = name.removesuffix(".svc").split(".")
    if len(labels) == 1 or name.endswith(".svc") or (len(labels) == 2 and _is_namespace(index, labels[1])):
        target = resolve(index, name, service.namespace).service
        full = f"{target.name}.{target.namespace}{_DOMAIN}" if target else ""
        known = target is not None and index.snapshot.find(target) is not None
        return "is a short name, which a CNAME does not complete by search domains", full if known else "", True
    return None


def _only_one_on_their_port(index: Index, service: Service) -> str:
    """Where every caller names the same port, and one Service alone offers it with somebody ready behind it."""
    ports = {edge.address.port for edge in edges(index) if edge.service == service.ref and edge.address.port}
    if len(ports) != 1:
        return ""
    offering = [
        item
        for item in index.snapshot.all(Service)
        if item.spec.type != "ExternalName" and offers(item, *ports) and has_ready_endpoint(index, item)
    ]
    # A StatefulSet's headless Service stands beside the one that clients use.
    chosen = [item for item in offering if item.spec.cluster_ip != "None"] or offering
    return f"{chosen[0].name}.{chosen[0].namespace}{_DOMAIN}" if len(chosen) == 1 and min(ports) not in _COMMON else ""


def _is_namespace(index: Index, name: str) -> bool:
    return index.snapshot.get(Namespace, "", name) is not None


def _inside(index: Index, name: str) -> tuple[str, str, bool] | None:
    labels = name.removesuffix(_DOMAIN).split(".")
    target = Ref("Service", labels[-1], labels[-2] if len(labels) > 1 else "")
    if index.snapshot.find(target) is not None or not index.snapshot.is_absent(target):
        return None
    if index.snapshot.intent_only:
        return _not_among(index, target)
    others = [
        item
        for item in index.snapshot.all(Service)
        if item.spec.type != "ExternalName"
        and (item.name == target.name or is_slip(item.name, target.name) or near(stem(item.name), stem(target.name)))
    ]
    others.sort(
        key=lambda item: (item.namespace != target.namespace, item.name != target.name, item.namespace, item.name)
    )
    meant = f"{others[0].name}.{others[0].namespace}{_DOMAIN}" if others else ""
    return f"names Service {target.name} in namespace {target.namespace}, which does not exist", meant, True


def _not_among(index: Index, target: Ref) -> tuple[str, str, bool] | None:
    """Of manifests, which may leave a Service to an operator or another repository: only where the very name is in another namespace, or nearly that name in this."""
    if may_be_made(index, target):
        return None
    places = sorted({item.namespace for group in index.snapshot.objects.values() for item in group.values()})
    elsewhere = [
        place for place in places if place not in {"", target.namespace} and _is_made_in(index, place, target.name)
    ]
    near_by = [item.name for item in index.services_in(target.namespace) if is_slip(item.name, target.name)]
    if len(elsewhere) + len(near_by) != 1:
        return None
    place, name = (elsewhere[0], target.name) if elsewhere else (target.namespace, near_by[0])
    why = f"names Service {target.name} in namespace {target.namespace}, which is not among the manifests"
    return why, f"{name}.{place}{_DOMAIN}", False


def _is_made_in(index: Index, place: str, name: str) -> bool:
    service = index.snapshot.get(Service, place, name)
    return service.spec.type != "ExternalName" if service else bool(may_be_made(index, Ref("Service", place, name)))
