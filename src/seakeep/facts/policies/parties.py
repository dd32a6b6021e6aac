"""The two ends of connections, as NetworkPolicies see them: pods, workloads' templates, what stands behind a Service, addresses outside."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.dependencies import follow
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.policies.policy_rules import Party
from seakeep.facts.routing.routing import backends_of, has_ready_endpoint
from seakeep.facts.routing.service_ports import number_of, numbers_of, target_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.facts.workloads.templates import Template, template_of
from seakeep.model.objects import NetworkPolicy, Pod, Service
from seakeep.model.objects.network import ServicePort
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# The commonest top-level domains of services on the internet: no Service's name ends so.
_PUBLIC_DOMAINS = frozenset({"ai", "app", "cloud", "com", "dev", "eu", "io", "net", "org"})

# Enough to meet every node's range of addresses.
_MAX_PODS = 20


class Destination(Struct, frozen=True):
    """`port` is the pod's own (0 where it was not seen), `asked` the Service's. `ready` tells whether somebody is there to answer (None: not seen)."""

    ref: Ref | None
    workload: Ref | None
    party: Party
    port: int
    asked: int
    protocol: str
    ready: bool | None


def of_pod(index: Index, pod: Pod) -> Party:
    """A table shows no labels: then those of the workload's template stand for them."""
    template = template_of(index, workload_of(index, pod))
    known = bool(pod.labels) or index.snapshot.depth(pod.ref) >= Depth.DESCRIBED
    labels = pod.labels or (template.labels if template else {})
    ports = {port.name: port.container_port for item in pod.spec.containers for port in item.ports if port.name}
    return Party(pod.namespace, labels, pod.status.pod_ip, ports or None, pod.spec.host_network, known or bool(labels))


def of_template(template: Template) -> Party:
    named = {name: number for number, name in numbers_of(template).items() if name}
    address = next((pod.status.pod_ip for pod in template.pods if pod.status.pod_ip), "")
    return Party(
        template.ref.namespace,
        template.labels,
        address,
        named or None,
        template.spec.host_network,
        template.labels_known,
    )


def of_workload(index: Index, template: Template) -> tuple[Party, ...]:
    """One party for all its pods, or, where a policy tells addresses apart, one for each of them."""
    pods = [pod for pod in template.pods if pod.status.pod_ip] if _by_address(index) else []
    return tuple(of_pod(index, pod) for pod in pods[:_MAX_PODS]) or (of_template(template),)


@once
def _by_address(index: Index) -> bool:
    specs = [item.spec for item in index.snapshot.all(NetworkPolicy)]
    inward = [peer for spec in specs for rule in spec.ingress for peer in rule.peers]
    outward = [peer for spec in specs for rule in spec.egress for peer in rule.peers]
    return any(peer.ip_block is not None for peer in (*inward, *outward))


def of_origin(index: Index, origin: Ref) -> Party | None:
    """Who made a call. Nodes are beyond policies."""
    if origin.kind == "Pod":
        pod = index.snapshot.get(Pod, origin.namespace, origin.name)
        return of_pod(index, pod) if pod else Party(origin.namespace, {}, labels_known=False)
    template = template_of(index, origin)
    return of_template(template) if template else None


def behind(index: Index, ref: Ref, port: int) -> Iterator[Destination]:
    """What a Service's port leads to, at the end of ExternalNames. Nothing where the Service has no such port, which is a fault of its own."""
    first = index.snapshot.get(Service, ref.namespace, ref.name)
    end = follow(index, first)[0] if first else None
    service = index.snapshot.get(Service, end.namespace, end.name) if end else None
    if service is None:
        return
    ports = [item for item in service.spec.ports if item.port == port or (not port and len(service.spec.ports) == 1)]
    headless = service.spec.cluster_ip == "None"
    if port and not ports and service.spec.ports and not headless:
        return
    chosen = ports[0] if ports else None
    protocol = chosen.protocol if chosen else "TCP"
    ready = has_ready_endpoint(index, service)
    asked = port or (chosen.port if chosen else 0)
    templates = backends_of(index, service)
    if not service.spec.selector and not templates:
        for address, number in _listed(index, service)[:1]:
            yield Destination(service.ref, None, Party("", {}, address), number, asked, protocol, ready)
        return
    for template in templates:
        number = _own_port(index, service, chosen, template, port, headless=headless)
        yield Destination(service.ref, template.ref, of_template(template), number, asked, protocol, ready)
    if not templates:  # its pods carry at least these labels
        number = port if headless else _number(index, service, chosen)
        yield Destination(
            service.ref, None, Party(service.namespace, service.spec.selector), number, asked, protocol, ready
        )


def _own_port(
    index: Index, service: Service, chosen: ServicePort | None, template: Template, port: int, *, headless: bool
) -> int:
    """Names of a headless Service lead to the pods themselves, so no port is translated."""
    if headless:
        return port
    target = target_of(index, service, chosen) if chosen else None
    return number_of(template, target) if target is not None else 0


def _number(index: Index, service: Service, chosen: ServicePort | None) -> int:
    target = target_of(index, service, chosen) if chosen else None
    return int(target) if target is not None and str(target).isdigit() else 0


def _listed(index: Index, service: Service) -> list[tuple[str, int]]:
    """Addresses that were written into endpoints by hand, or by the API server for itself."""
    endpoints = index.endpoints_of(service)
    found = [
        (address.ip, subset.ports[0].port if subset.ports else 0)
        for subset in (endpoints.subsets if endpoints else ())
        for address in subset.addresses
    ]
    found += [
        (address, item.ports[0].port if item.ports else 0)
        for item in index.slices_of(service)
        for endpoint in item.endpoints
        for address in endpoint.addresses
    ]
    return found


def of_called_pod(index: Index, ref: Ref, port: int) -> Destination | None:
    pod = index.snapshot.get(Pod, ref.namespace, ref.name)
    if pod is None:
        return None
    return Destination(ref, workload_of(index, pod), of_pod(index, pod), port, port, "TCP", is_ready(pod))


def outside(host: str, port: int) -> Destination:
    """A host that is none of the cluster's known ones. Of a name the address is not known; a private address, or a name of no public domain, may still be a pod's or Service's that was not seen."""
    try:
        address, public = host, ipaddress.ip_address(host).is_global
    except ValueError:
        address, public = "", host.rpartition(".")[2] in _PUBLIC_DOMAINS
    return Destination(None, None, Party("", {}, address, labels_known=public), port, port, "TCP", None)
