"""Whether a rule of a NetworkPolicy fits a connection (networking.k8s.io/v1 semantics): the part that needs no snapshot, for diagnosis and for the twin.

`unseen` says what counts where a label, an address or a port's name was not seen: that it may fit, or that it does not.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from seakeep.facts.selection import matches
from seakeep.model.objects import LabelSelector, NetworkPolicy
from seakeep.model.objects.network import EgressRule, IngressRule, IpBlock, PolicyPeer, PolicyPort

# The API server puts this label, with the namespace's name, on every namespace.
NAME_LABEL = "kubernetes.io/metadata.name"
# Whether a selector picks the namespace of this name.
NamespaceFits = Callable[[LabelSelector, str], bool]


class Party(Struct, frozen=True):
    """One end of a connection: a pod, or a workload's template. `namespace` is empty for an address outside, `ports` maps a container port's name to its number. `labels_known` is False for what was not seen."""

    namespace: str
    labels: Mapping[str, str]
    address: str = ""
    ports: Mapping[str, int] | None = None
    host_network: bool = False
    labels_known: bool = True


def isolates(policy: NetworkPolicy, direction: str) -> bool:
    """Without policy types: ingress always, egress where it has rules for it."""
    if policy.spec.policy_types:
        return direction in policy.spec.policy_types
    return direction == "Ingress" or bool(policy.spec.egress)


def rules_of(policy: NetworkPolicy, direction: str) -> Sequence[IngressRule | EgressRule]:
    return policy.spec.ingress if direction == "Ingress" else policy.spec.egress


def peers_fit(
    namespace: str, peers: Sequence[PolicyPeer], party: Party, namespace_fits: NamespaceFits, *, unseen: bool = True
) -> bool:
    """`namespace` is the policy's: a bare pod selector means pods of that namespace alone. No peers are every peer."""
    return not peers or any(peer_fits(namespace, peer, party, namespace_fits, unseen=unseen) for peer in peers)


def peer_fits(
    namespace: str, peer: PolicyPeer, party: Party, namespace_fits: NamespaceFits, *, unseen: bool = True
) -> bool:
    """Selectors never mean pods on the host's network, blocks of addresses do."""
    if peer.ip_block is not None:
        return in_block(peer.ip_block, party, unseen=unseen)
    if not party.namespace:
        return unseen and not party.labels_known  # it was not seen what is there: pods, or something outside
    if party.host_network:
        return False
    if peer.namespace_selector is None:
        return party.namespace == namespace and labels_fit(peer.pod_selector, party, unseen=unseen)
    if not namespace_fits(peer.namespace_selector, party.namespace):
        return False
    return peer.pod_selector is None or labels_fit(peer.pod_selector, party, unseen=unseen)


def labels_fit(selector: LabelSelector | None, party: Party, *, unseen: bool = True) -> bool:
    if party.labels_known or selector is None:
        return matches(selector, party.labels)
    return unseen or not (selector.match_labels or selector.match_expressions)


def in_block(block: IpBlock, party: Party, *, unseen: bool = True) -> bool:
    if not party.address:
        return unseen
    return within(party.address, block.cidr) and not any(within(party.address, item) for item in block.excluded)


def within(address: str, cidr: str) -> bool:
    """False for what is no address, or no block."""
    here, block = _address(address), _block(cidr)
    return here is not None and block is not None and here in block


@lru_cache(maxsize=65536)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def _block(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def ports_fit(ports: Sequence[PolicyPort], target: Party, port: int, protocol: str, *, unseen: bool = True) -> bool:
    """No ports are every port."""
    return not ports or any(one_port_fits(item, target, port, protocol, unseen=unseen) for item in ports)


def one_port_fits(item: PolicyPort, target: Party, port: int, protocol: str, *, unseen: bool = True) -> bool:
    """A named port is the target pod's, in rules for egress too. `port` 0 stands for any."""
    if item.protocol != protocol:
        return False
    if item.port is None or not port:
        return True
    if isinstance(item.port, int) or (item.port.isdigit() and item.port.isascii()):
        first = int(item.port)
        return first <= port <= (item.end_port or first)
    if target.ports is None:
        return unseen  # a named port of a pod that was not seen
    return target.ports.get(item.port) == port
