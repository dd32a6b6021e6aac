"""Whether NetworkPolicies let one pod reach another, and if not, which policy is to blame (networking.k8s.io/v1 semantics)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.selection import matches
from seakeep.model.objects import KubeObject, Namespace, NetworkPolicy
from seakeep.model.objects.network import EgressRule, IngressRule, PolicyPeer, PolicyPort
from seakeep.model.snapshot import Depth

DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a connection: a pod, or a workload's template. `namespace` is empty for an address outside, `ports` maps a container port's name to its number."""

    namespace: str
    labels: Mapping[str, str]
    address: str = ""
    ports: Mapping[str, int] | None = None
    host_network: bool = False


@dataclass(frozen=True, slots=True)
class Barrier:
    """`policy` isolates one end in `direction` (Ingress or Egress), and no policy admits the connection. `nearly` says what of its rules fits all but in part: `port`, `peer`, or "" where none does."""

    policy: NetworkPolicy
    direction: str
    nearly: str


@once
def policies(index: Index) -> Mapping[str, tuple[NetworkPolicy, ...]]:
    """By namespace, those whose rules were seen (a table shows only the pod selector)."""
    found: dict[str, list[NetworkPolicy]] = {}
    for item in index.snapshot.all(NetworkPolicy):
        if index.snapshot.depth(item.ref) is Depth.FULL or _has_rules(item):
            found.setdefault(item.namespace, []).append(item)
    return {namespace: tuple(items) for namespace, items in found.items()}


def _has_rules(item: NetworkPolicy) -> bool:
    return bool(item.spec.policy_types or item.spec.ingress or item.spec.egress)


def isolates(policy: NetworkPolicy, direction: str) -> bool:
    if policy.spec.policy_types:
        return direction in policy.spec.policy_types
    return direction == "Ingress" or bool(policy.spec.egress)


def selecting(index: Index, party: Party, direction: str) -> tuple[NetworkPolicy, ...]:
    """The policies that isolate the pod in one direction. Pods on the host's network are beyond policies."""
    if party.host_network or not party.namespace:
        return ()
    return tuple(
        item
        for item in policies(index).get(party.namespace, ())
        if isolates(item, direction) and matches(item.spec.pod_selector, party.labels)
    )


def barriers(index: Index, source: Party, target: Party, port: int, protocol: str = "TCP") -> tuple[Barrier, ...]:
    """() where the connection is admitted, or may be. `port` 0 stands for any that is admitted. The likeliest culprit comes first in each direction."""
    found: list[Barrier] = []
    for direction, owner, peer in (("Egress", source, target), ("Ingress", target, source)):
        candidates = selecting(index, owner, direction)
        if not candidates:
            continue
        if any(_admits(index, item, direction, peer, target, port, protocol) for item in candidates):
            continue
        blamed = [
            Barrier(item, direction, _nearly(index, item, direction, peer, target, port, protocol))
            for item in candidates
        ]
        found += sorted(blamed, key=lambda item: (_suspicion(item), item.policy.name))
    return tuple(found)


def _suspicion(item: Barrier) -> tuple[int, int]:
    """A rule that fits in part first (it was meant to admit this), then policies without any rule, then by how few pods they select."""
    rules = rules_of(item.policy, item.direction)
    selector = item.policy.spec.pod_selector
    narrow = len(selector.match_labels) + len(selector.match_expressions)
    return (0 if item.nearly else 1 if not rules else 2, -narrow)


def rules_of(policy: NetworkPolicy, direction: str) -> Sequence[IngressRule | EgressRule]:
    return policy.spec.ingress if direction == "Ingress" else policy.spec.egress


def _admits(
    index: Index, policy: NetworkPolicy, direction: str, peer: Party, target: Party, port: int, protocol: str
) -> bool:
    return any(
        _peer_fits(index, policy.namespace, rule.peers, peer) and _port_fits(rule.ports, target, port, protocol)
        for rule in rules_of(policy, direction)
    )


def _nearly(
    index: Index, policy: NetworkPolicy, direction: str, peer: Party, target: Party, port: int, protocol: str
) -> str:
    for rule in rules_of(policy, direction):
        if rule.peers and _peer_fits(index, policy.namespace, rule.peers, peer):
            return "port"
        if rule.ports and port and _port_fits(rule.ports, target, port, protocol):
            return "peer"
    return ""


def _peer_fits(index: Index, namespace: str, peers: Sequence[PolicyPeer], party: Party) -> bool:
    return not peers or any(_fits(index, namespace, peer, party) for peer in peers)


def _fits(index: Index, namespace: str, peer: PolicyPeer, party: Party) -> bool:
    if peer.ip_block is not None:
        return _in_block(peer, party)
    if not party.namespace or party.host_network:
        return False
    if peer.namespace_selector is None:
        return party.namespace == namespace and matches(peer.pod_selector, party.labels)
    if not _namespace_fits(index, peer, party.namespace):
        return False
    return peer.pod_selector is None or matches(peer.pod_selector, party.labels)


def _namespace_fits(index: Index, peer: PolicyPeer, name: str) -> bool:
    selector = peer.namespace_selector
    item = index.snapshot.get(Namespace, "", name)
    labels = {"kubernetes.io/metadata.name": name, **(item.labels if item else {})}
    known = item is not None and (index.snapshot.depth(item.ref) >= Depth.DESCRIBED or bool(item.labels))
    if matches(selector, labels):
        return True
    asks_more = selector is not None and (
        set(selector.match_labels) | {part.key for part in selector.match_expressions}
    ) != {"kubernetes.io/metadata.name"}
    return asks_more and not known  # labels that were not seen may fit


def _in_block(peer: PolicyPeer, party: Party) -> bool:
    block = peer.ip_block
    if block is None:
        return False
    if not party.address:
        return True  # not seen: it may be inside
    try:
        address = ipaddress.ip_address(party.address)
        inside = address in ipaddress.ip_network(block.cidr, strict=False)
        return inside and not any(address in ipaddress.ip_network(item, strict=False) for item in block.excluded)
    except ValueError:
        return False


def _port_fits(ports: Sequence[PolicyPort], target: Party, port: int, protocol: str) -> bool:
    if not ports:
        return True
    return any(_one_port_fits(item, target, port, protocol) for item in ports)


def _one_port_fits(item: PolicyPort, target: Party, port: int, protocol: str) -> bool:
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


def admits_nobody(policy: NetworkPolicy, direction: str) -> bool:
    """The policy isolates in this direction and has no rule for it: default deny."""
    return isolates(policy, direction) and not rules_of(policy, direction)


def selects_by(policy: NetworkPolicy) -> str:
    """The policy's pods, in kubectl's words."""
    selector = policy.spec.pod_selector
    parts = [f"{key}={value}" for key, value in sorted(selector.match_labels.items())]
    parts += [f"{part.key} {part.operator} {','.join(part.values)}".strip() for part in selector.match_expressions]
    return ",".join(parts) or "every pod of the namespace"


def unread_policies(index: Index) -> Iterator[KubeObject]:
    """Known by name and selector only."""
    for item in index.snapshot.all(NetworkPolicy):
        if item not in policies(index).get(item.namespace, ()):
            yield item
