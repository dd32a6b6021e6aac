"""Services. Source: pkg/apis/core/validation (validateService, ValidateServiceUpdate)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import Service, ServicePort
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules import ports
from seakeep.twin.admission.rules.words import duplicate, forbidden, invalid, required, unsupported

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_HEADLESS = "None"
_EXTERNAL = frozenset({"NodePort", "LoadBalancer"})
_ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'"


def errors(item: Service) -> Iterator[str]:
    spec = item.spec
    headless = spec.cluster_ip == _HEADLESS
    if not spec.ports and not headless and spec.type != "ExternalName":
        yield required("spec.ports")
    if headless and spec.type in _EXTERNAL:
        yield invalid("spec.clusterIPs[0]", _HEADLESS, f"may not be set to 'None' for {spec.type} services")
    if spec.type == "ExternalName":
        yield from _external_name(item)
    yield from _ports(item)
    yield from forms.labels(spec.selector, "spec.selector")
    if spec.session_affinity not in {"ClientIP", "None"}:
        yield unsupported("spec.sessionAffinity", spec.session_affinity, ("ClientIP", "None"))
    if spec.type not in _TYPES:
        yield unsupported("spec.type", spec.type, _TYPES)
    if spec.type == "ClusterIP":
        for number, port in enumerate(spec.ports):
            if port.node_port:
                yield forbidden(f"spec.ports[{number}].nodePort", "may not be used when `type` is 'ClusterIP'")
    yield from _twice(item)
    if spec.load_balancer_source_ranges and spec.type != "LoadBalancer":
        yield forbidden("spec.LoadBalancerSourceRanges", _ONLY_BALANCED)
    if spec.allocate_load_balancer_node_ports is not None and spec.type != "LoadBalancer":
        yield forbidden("spec.allocateLoadBalancerNodePorts", _ONLY_BALANCED)
    yield from _policies(item)


def changes(new: Service, old: Service) -> Iterator[str]:
    """An address that the source did not show is not known to be another."""
    after, before = new.spec, old.spec
    if "ExternalName" not in {after.type, before.type} and before.cluster_ip and after.cluster_ip != before.cluster_ip:
        yield invalid("spec.clusterIPs[0]", [after.cluster_ip], "may not change once set")


def _external_name(item: Service) -> Iterator[str]:
    if item.spec.cluster_ip:
        yield forbidden("spec.clusterIPs", "may not be set for ExternalName services")
    name = item.spec.external_name.removesuffix(".")
    if not name:
        yield required("spec.externalName")
    else:
        yield from (invalid("spec.externalName", name, word) for word in forms.subdomain(name))


def _ports(item: Service) -> Iterator[str]:
    taken: set[str] = set()
    for number, port in enumerate(item.spec.ports):
        path = f"spec.ports[{number}]"
        if not port.name and len(item.spec.ports) > 1:
            yield required(f"{path}.name")
        elif port.name:
            yield from (invalid(f"{path}.name", port.name, word) for word in forms.label(port.name))
            if port.name in taken:
                yield duplicate(f"{path}.name", port.name)
            taken.add(port.name)
        yield from ports.number(port.port, f"{path}.port")
        yield from ports.protocol(port.protocol, f"{path}.protocol")
        # None where it is the same as the port.
        if port.target_port is not None:
            yield from ports.number_or_name(port.target_port, f"{path}.targetPort")


def _twice(item: Service) -> Iterator[str]:
    taken: set[tuple[str, int]] = set()
    for number, port in enumerate(item.spec.ports):
        own = (port.protocol, port.node_port)
        if port.node_port and own in taken:
            yield duplicate(f"spec.ports[{number}].nodePort", port.node_port)
        taken.add(own)
    taken = set()
    for number, port in enumerate(item.spec.ports):
        own = (port.protocol, port.port)
        if own in taken:
            yield duplicate(f"spec.ports[{number}]", _shown(port))
        taken.add(own)


def _shown(port: ServicePort) -> dict[str, object]:
    """As the server holds what it compares."""
    nothing = {"Name": "", "Protocol": port.protocol, "AppProtocol": None, "Port": port.port}
    return {**nothing, "TargetPort": 0, "NodePort": 0}


def _policies(item: Service) -> Iterator[str]:
    spec = item.spec
    if spec.type not in _EXTERNAL and not (spec.type == "ClusterIP" and spec.external_ips):
        if spec.external_traffic_policy:
            why = "may only be set for externally-accessible services"
            yield invalid("spec.externalTrafficPolicy", spec.external_traffic_policy, why)
    elif spec.external_traffic_policy not in {"Cluster", "Local"}:
        yield unsupported("spec.externalTrafficPolicy", spec.external_traffic_policy, ("Cluster", "Local"))
    if spec.internal_traffic_policy not in {"", "Cluster", "Local"}:
        yield unsupported("spec.internalTrafficPolicy", spec.internal_traffic_policy, ("Cluster", "Local"))
