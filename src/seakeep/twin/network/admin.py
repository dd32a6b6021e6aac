"""Cluster-wide policies of policy.networking.k8s.io: AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1), ClusterNetworkPolicy (v1alpha2 and later).

Within a tier the first rule that matches decides, by priority, then by name (which the API leaves open), then in the order written. Pass leaves the rest of the tier out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial

import msgspec
from msgspec import field

from seakeep.facts.policies.policy_match import Party, labels_fit, within
from seakeep.facts.selection import matches
from seakeep.model.objects import LabelSelector, Node, Unstructured
from seakeep.model.objects.base import Wire
from seakeep.model.refs import Ref
from seakeep.twin.network.base import End, Network

ADMIN, BASELINE = "Admin", "Baseline"
_GROUP = "policy.networking.k8s.io/"
# The one Baseline policy of v1alpha1 has no priority.
_KINDS = {"AdminNetworkPolicy": ADMIN, "BaselineAdminNetworkPolicy": BASELINE, "ClusterNetworkPolicy": ""}


class Action(Enum):
    ALLOW = "Allow"
    DENY = "Deny"
    PASS = "Pass"  # noqa: S105 - no password
    UNKNOWN = ""


_ACTIONS = {"Allow": Action.ALLOW, "Accept": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}


class NamespacedPod(Wire, frozen=True, kw_only=True):
    namespace_selector: LabelSelector = LabelSelector()
    pod_selector: LabelSelector = LabelSelector()


class Peer(Wire, frozen=True, kw_only=True):
    """Exactly one field is set; none means one of a version that is not known."""

    namespaces: LabelSelector | None = None
    pods: NamespacedPod | None = None
    nodes: LabelSelector | None = None
    networks: tuple[str, ...] = ()
    domain_names: tuple[str, ...] = ()


class Span(Wire, frozen=True, kw_only=True):
    protocol: str = "TCP"
    start: int = 0
    end: int = 0


class Number(Wire, frozen=True, kw_only=True):
    protocol: str = "TCP"
    port: int = 0


class Port(Wire, frozen=True, kw_only=True):
    port_number: Number | None = None
    port_range: Span | None = None
    named_port: str = ""


class DestinationPort(Wire, frozen=True, kw_only=True):
    number: int = 0
    range: Span | None = None


class Destination(Wire, frozen=True, kw_only=True):
    destination_port: DestinationPort | None = None


class Protocol(Wire, frozen=True, kw_only=True):
    tcp: Destination | None = None
    udp: Destination | None = None
    sctp: Destination | None = None
    destination_named_port: str = ""


class Rule(Wire, frozen=True, kw_only=True):
    name: str = ""
    action: str = ""
    source: tuple[Peer, ...] = field(default=(), name="from")
    to: tuple[Peer, ...] = ()
    ports: tuple[Port, ...] | None = None
    protocols: tuple[Protocol, ...] | None = None


class Spec(Wire, frozen=True, kw_only=True):
    tier: str = ""
    priority: int = 0
    subject: Peer = Peer()
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class AdminPolicy:
    """`spec` is None where it cannot be read: then nothing is known of what it says."""

    ref: Ref
    spec: Spec | None


@dataclass(frozen=True, slots=True)
class Match:
    action: Action
    field: str
    what: str


def policies(network: Network, tier: str) -> tuple[AdminPolicy, ...]:
    """In the order in which they are asked; those that cannot be read last."""
    key = ("tier", tier)
    if key not in network.cache:
        found = [
            AdminPolicy(item.ref, _spec(item))
            for kind in sorted(_KINDS)
            for item in network.state.of_kind(kind)
            if isinstance(item, Unstructured) and item.api_version.startswith(_GROUP)
        ]
        found = [item for item in found if _tier(item) in {tier, ""}]
        found.sort(
            key=lambda item: (item.spec is None, item.spec.priority if item.spec else 0, item.ref.name, item.ref)
        )
        network.cache[key] = tuple(found)
    return network.cache[key]  # type: ignore[return-value]


def _spec(item: Unstructured) -> Spec | None:
    try:
        return msgspec.convert(item.spec, Spec)
    except msgspec.ValidationError:
        return None


def _tier(item: AdminPolicy) -> str:
    return _KINDS[item.ref.kind] or (item.spec.tier if item.spec else "")


def judge(
    network: Network, policy: AdminPolicy, direction: str, owner: End, peer: End, port: int, protocol: str
) -> Match | None:
    """The first rule of the policy that matches, or None."""
    kind, spec = f"{policy.ref.kind} {policy.ref.name}", policy.spec
    if spec is None:
        return Match(Action.UNKNOWN, "spec", f"{kind} cannot be read")
    certain = _selects(network, spec.subject, owner.party, unseen=False)
    if not certain and not _selects(network, spec.subject, owner.party, unseen=True):
        return None
    rules, target = (spec.ingress, owner) if direction == "Ingress" else (spec.egress, peer)
    for number, rule in enumerate(rules):
        where = f"spec.{direction.lower()}[{number}]"
        action = _ACTIONS.get(rule.action, Action.UNKNOWN)
        peers = rule.source if direction == "Ingress" else rule.to
        if action is not Action.ALLOW and any(item == Peer() for item in peers):
            return Match(
                Action.DENY, where, f"{kind}: a peer of a kind that is not known; such a rule denies everything"
            )
        fits = [
            any(_peer_fits(network, item, peer, unseen=unseen) for item in peers)
            and _port_fits(rule, target.party, port, protocol, unseen=unseen)
            for unseen in (False, True)
        ]
        if fits[0] and certain:
            named = f' (rule "{rule.name}")' if rule.name else ""
            return Match(action, where, f"{kind} says {rule.action} ({direction.lower()}){named}")
        if fits[1]:
            return Match(Action.UNKNOWN, where, f"whether {kind} matches depends on what was not seen")
    return None


def _selects(network: Network, subject: Peer, party: Party, *, unseen: bool) -> bool:
    return not party.host_network and _inside(network, subject, party, unseen=unseen)


def _inside(network: Network, peer: Peer, party: Party, *, unseen: bool) -> bool:
    if not party.namespace or party.host_network:
        return False
    fits = partial(network.namespace_fits, unseen=unseen)
    if peer.namespaces is not None:
        return fits(peer.namespaces, party.namespace)
    return (
        peer.pods is not None
        and fits(peer.pods.namespace_selector, party.namespace)
        and labels_fit(peer.pods.pod_selector, party, unseen=unseen)
    )


def _peer_fits(network: Network, item: Peer, peer: End, *, unseen: bool) -> bool:
    if item.namespaces is not None or item.pods is not None:
        return _inside(network, item, peer.party, unseen=unseen)
    if item.nodes is not None:
        node = network.state.get(Node, "", peer.node)
        return peer.party.host_network and node is not None and matches(item.nodes, node.labels)
    if item.networks:
        return any(within(peer.party.address, block) for block in item.networks) if peer.party.address else unseen
    return peer.ref is None and any(_names(pattern, peer.host) for pattern in item.domain_names)


def _names(pattern: str, host: str) -> bool:
    """`*` stands for one label or more."""
    pattern, host = pattern.rstrip(".").lower(), host.rstrip(".").lower()
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return bool(host) and host == pattern


def _port_fits(rule: Rule, target: Party, port: int, protocol: str, *, unseen: bool) -> bool:
    if rule.ports is not None:
        return any(_one_port(item, target, port, protocol, unseen=unseen) for item in rule.ports)
    if rule.protocols is not None:
        return any(_one_protocol(item, target, port, protocol, unseen=unseen) for item in rule.protocols)
    return True


def _one_port(item: Port, target: Party, port: int, protocol: str, *, unseen: bool) -> bool:
    if item.port_number is not None:
        return item.port_number.protocol == protocol and item.port_number.port == port
    if item.port_range is not None:
        return item.port_range.protocol == protocol and item.port_range.start <= port <= item.port_range.end
    return _named(item.named_port, target, port, unseen=unseen)


def _one_protocol(item: Protocol, target: Party, port: int, protocol: str, *, unseen: bool) -> bool:
    if item.destination_named_port:
        return _named(item.destination_named_port, target, port, unseen=unseen)
    wanted = {"TCP": item.tcp, "UDP": item.udp, "SCTP": item.sctp}.get(protocol)
    if wanted is None:
        return False
    place: DestinationPort | None = wanted.destination_port
    if place is None:
        return True
    return place.number == port if place.range is None else place.range.start <= port <= place.range.end


def _named(name: str, target: Party, port: int, *, unseen: bool) -> bool:
    """Named ports are the pod's of the connection's own protocol."""
    if target.ports is None:
        return unseen and bool(target.namespace)
    return bool(name) and target.ports.get(name) == port
