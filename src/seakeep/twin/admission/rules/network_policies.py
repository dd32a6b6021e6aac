"""NetworkPolicies. Source: pkg/apis/networking/validation (ValidateNetworkPolicySpec)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seakeep.model.objects import NetworkPolicy
from seakeep.model.objects.network import IpBlock, PolicyPeer, PolicyPort
from seakeep.twin.admission.rules import label_selectors, ports
from seakeep.twin.admission.rules.words import forbidden, invalid, required, unsupported

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

_TYPES = ("Ingress", "Egress")
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def errors(item: NetworkPolicy) -> Iterator[str]:
    spec = item.spec
    yield from label_selectors.errors(spec.pod_selector, "spec.podSelector")
    for number, rule in enumerate(spec.ingress):
        yield from _rule(rule.ports, rule.peers, f"spec.ingress[{number}]", "from")
    for number, out in enumerate(spec.egress):
        yield from _rule(out.ports, out.peers, f"spec.egress[{number}]", "to")
    if len(spec.policy_types) > len(_TYPES):
        yield invalid("spec.policyTypes", list(spec.policy_types), "may not specify more than two policyTypes")
        return
    for number, kind in enumerate(spec.policy_types):
        if kind not in _TYPES:
            yield unsupported(f"spec.policyTypes[{number}]", kind, _TYPES)


def _rule(known: Sequence[PolicyPort], peers: Sequence[PolicyPeer], path: str, side: str) -> Iterator[str]:
    for index, port in enumerate(known):
        yield from _port(port, f"{path}.ports[{index}]")
    for index, peer in enumerate(peers):
        yield from _peer(peer, f"{path}.{side}[{index}]")


def _port(item: PolicyPort, path: str) -> Iterator[str]:
    if item.protocol not in _PROTOCOLS:
        yield unsupported(f"{path}.protocol", item.protocol, _PROTOCOLS)
    end = item.end_port
    if item.port is None:
        if end is not None:
            yield invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified")
    elif isinstance(item.port, int):
        yield from ports.number(item.port, f"{path}.port")
        if end is not None:
            if end < item.port:
                yield invalid(f"{path}.endPort", end, "must be greater than or equal to `port`")
            yield from ports.number(end, f"{path}.endPort")
    else:
        if end is not None:
            yield invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric")
        yield from ports.number_or_name(item.port, f"{path}.port")


def _peer(item: PolicyPeer, path: str) -> Iterator[str]:
    yield from label_selectors.errors(item.pod_selector, f"{path}.podSelector")
    yield from label_selectors.errors(item.namespace_selector, f"{path}.namespaceSelector")
    if item.ip_block is not None:
        yield from _block(item.ip_block, f"{path}.ipBlock")
    given = (item.pod_selector, item.namespace_selector, item.ip_block)
    if not any(each is not None for each in given):
        yield required(path, "must specify a peer")
    elif item.ip_block is not None and sum(each is not None for each in given) > 1:
        yield forbidden(path, "may not specify both ipBlock and another peer")


def _block(item: IpBlock, path: str) -> Iterator[str]:
    whole = _network(item.cidr)
    if whole is None:
        yield invalid(f"{path}.cidr", item.cidr, _CIDR) if item.cidr else required(f"{path}.cidr")
        return
    for number, text in enumerate(item.excluded):
        part, where = _network(text), f"{path}.except[{number}]"
        if part is None:
            yield invalid(where, text, _CIDR)
        elif part.version != whole.version or part == whole or not part.subnet_of(whole):  # type: ignore[arg-type]
            yield invalid(where, text, "must be a strict subset of `cidr`")


def _network(text: str) -> IPv4Network | IPv6Network | None:
    from ipaddress import ip_network  # as in `ingresses`

    try:
        return ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None
