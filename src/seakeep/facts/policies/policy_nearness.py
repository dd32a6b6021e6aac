"""How nearly a NetworkPolicy admits a connection that it bars: what somebody would have to change in it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from seakeep.facts.index import Index
from seakeep.facts.likeness import near
from seakeep.facts.policies.policy_rules import Party, labels_fit, namespace_fits, peer_fits, port_fits, rules_of
from seakeep.model.objects import LabelSelector, NetworkPolicy
from seakeep.model.objects.network import EgressRule, IngressRule, PolicyPeer


class Closeness(IntEnum):
    """From a slip in a rule that was meant for this connection to a policy that has nothing to do with it."""

    SLIP = 0  # one field of a rule differs, and everything else fits
    OTHER_PORT = 1  # a rule for every peer, with other ports
    OTHER_PEER = 2  # a rule for this very port, with other peers
    OTHER_PEERS = 3  # a rule for every port, with other peers
    NO_RULE = 4  # default deny
    APART = 5


class Nearness(NamedTuple):
    """`what` does not fit: `port`, `protocol`, `namespace`, `label`, `peer`, `selector` (of the policy itself), or "" where nothing comes near."""

    closeness: Closeness
    what: str


def nearness(
    index: Index, policy: NetworkPolicy, direction: str, peer: Party, target: Party, port: int, protocol: str
) -> Nearness:
    rules = rules_of(policy, direction)
    found = [item for rule in rules for item in _of_rule(index, policy.namespace, rule, peer, target, port, protocol)]
    return min(found, default=Nearness(Closeness.APART if rules else Closeness.NO_RULE, ""))


def _of_rule(
    index: Index, namespace: str, rule: IngressRule | EgressRule, peer: Party, target: Party, port: int, protocol: str
) -> Iterator[Nearness]:
    if peer_fits(index, namespace, rule.peers, peer):
        others = {"TCP", "UDP", "SCTP"} - {protocol}
        what = "protocol" if any(port_fits(rule.ports, target, port, other) for other in others) else "port"
        yield Nearness(Closeness.SLIP if rule.peers else Closeness.OTHER_PORT, what)
    elif port_fits(rule.ports, target, port, protocol):
        for part in rule.peers:
            if what := _slip(index, namespace, part, peer):
                yield Nearness(Closeness.SLIP, what)
        yield Nearness(Closeness.OTHER_PEER if rule.ports and port else Closeness.OTHER_PEERS, "peer")


def _slip(index: Index, namespace: str, part: PolicyPeer, peer: Party) -> str:
    """What alone keeps a peer from fitting: its pods are right and its namespace is not, or a label's value is nearly the pod's."""
    if part.ip_block is not None or not peer.namespace or not peer.labels_known:
        return ""
    selector = part.pod_selector
    named = selector is not None and bool(selector.match_labels or selector.match_expressions)
    inside = (
        namespace_fits(index, part.namespace_selector, peer.namespace)
        if part.namespace_selector is not None
        else peer.namespace == namespace
    )
    if not inside:
        return "namespace" if named and labels_fit(selector, peer) else ""
    return "label" if selector is not None and nearly_selects(selector, peer) else ""


def nearly_selects(selector: LabelSelector, party: Party) -> bool:
    """One label's value, or one key, is misspelt."""
    wrong = [(key, value) for key, value in selector.match_labels.items() if party.labels.get(key) != value]
    if len(wrong) != 1 or selector.match_expressions:
        return False
    key, value = wrong[0]
    if key in party.labels:
        mine = party.labels[key]
        alike = value.startswith(mine) or mine.startswith(value) or value.partition("-")[0] == mine.partition("-")[0]
        return near(value, mine) or alike
    return any(mine == value for other, mine in party.labels.items() if other not in selector.match_labels)
