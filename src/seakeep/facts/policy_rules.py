"""Whether a rule of a NetworkPolicy admits a connection (networking.k8s.io/v1 semantics). What was not seen may fit."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.facts.selection import matches
from seakeep.model.objects import LabelSelector, Namespace, NetworkPolicy
from seakeep.model.objects.network import EgressRule, IngressRule, IpBlock, PolicyPeer, PolicyPort
from seakeep.model.snapshot import Depth

# The API server puts this label, with the namespace's name, on every namespace.
_NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a connection: a pod, or a workload's template. `namespace` is empty for an address outside, `ports` maps a container port's name to its number. `labels_known` is False for what was not seen."""

    namespace: str
    labels: Mapping[str, str]
    address: str = ""
    ports: Mapping[str, int] | None = None
    host_network: bool = False
    labels_known: bool = True


def rules_of(policy: NetworkPolicy, direction: str) -> Sequence[IngressRule | EgressRule]:
    return policy.spec.ingress if direction == "Ingress" else policy.spec.egress


def admits(
    index: Index,
    policy: NetworkPolicy,
    direction: str,
    peer: Party,
    target: Party,
    port: int,
    protocol: str,
    *,
    strict: bool = False,
) -> bool:
    """A rule fits when one of its peers and one of its ports do. `port` 0 stands for any. With `strict` labels of namespaces that were not seen do not fit."""
    return any(
        peer_fits(index, policy.namespace, rule.peers, peer, strict=strict)
        and port_fits(rule.ports, target, port, protocol)
        for rule in rules_of(policy, direction)
    )


def peer_fits(index: Index, namespace: str, peers: Sequence[PolicyPeer], party: Party, *, strict: bool = False) -> bool:
    """`namespace` is the policy's: a bare pod selector means pods of that namespace alone."""
    return not peers or any(_fits(index, namespace, peer, party, strict=strict) for peer in peers)


def _fits(index: Index, namespace: str, peer: PolicyPeer, party: Party, *, strict: bool) -> bool:
    if peer.ip_block is not None:
        return in_block(peer.ip_block, party)
    if not party.namespace:
        return not party.labels_known  # it was not seen what is there: pods, or something outside
    if party.host_network:
        return False
    if peer.namespace_selector is None:
        return party.namespace == namespace and labels_fit(peer.pod_selector, party)
    if not namespace_fits(index, peer.namespace_selector, party.namespace, strict=strict):
        return False
    return peer.pod_selector is None or labels_fit(peer.pod_selector, party)


def labels_fit(selector: LabelSelector | None, party: Party) -> bool:
    return matches(selector, party.labels) or (selector is not None and not party.labels_known)


def namespace_fits(index: Index, selector: LabelSelector, name: str, *, strict: bool = False) -> bool:
    item = index.snapshot.get(Namespace, "", name)
    labels = {_NAME_LABEL: name, **(item.labels if item else {})}
    known = item is not None and (index.snapshot.depth(item.ref) >= Depth.DESCRIBED or bool(item.labels))
    if matches(selector, labels):
        return True
    asked = set(selector.match_labels) | {part.key for part in selector.match_expressions}
    return asked != {_NAME_LABEL} and not known and not strict  # labels that were not seen may fit


def in_block(block: IpBlock, party: Party) -> bool:
    if not party.address:
        return True  # not seen: it may be inside
    try:
        address = ipaddress.ip_address(party.address)
        inside = address in ipaddress.ip_network(block.cidr, strict=False)
        return inside and not any(address in ipaddress.ip_network(item, strict=False) for item in block.excluded)
    except ValueError:
        return False


def port_fits(ports: Sequence[PolicyPort], target: Party, port: int, protocol: str) -> bool:
    return not ports or any(one_port_fits(item, target, port, protocol) for item in ports)


def one_port_fits(item: PolicyPort, target: Party, port: int, protocol: str) -> bool:
    """A named port is the target pod's, in rules for egress too."""
    if item.protocol != protocol:
        return False
    if item.port is None or not port:
        return True
    if isinstance(item.port, int) or item.port.isdigit():
        first = int(item.port)
        return first <= port <= (item.end_port or first)
    if target.ports is None:
        return True  # a named port of a pod that was not seen
    return target.ports.get(item.port) == port
