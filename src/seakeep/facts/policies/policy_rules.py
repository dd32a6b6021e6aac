"""Whether a rule of a NetworkPolicy admits a connection, on a snapshot. What was not seen may fit."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.facts.index import Index
from seakeep.facts.policies.policy_match import NAME_LABEL, Party, labels_fit, one_port_fits, peers_fit, rules_of
from seakeep.facts.policies.policy_match import ports_fit as port_fits
from seakeep.facts.selection import matches
from seakeep.model.objects import LabelSelector, Namespace, NetworkPolicy
from seakeep.model.objects.network import PolicyPeer
from seakeep.model.snapshot import Depth

__all__ = ["Party", "admits", "labels_fit", "namespace_fits", "one_port_fits", "peer_fits", "port_fits", "rules_of"]


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

    def fits(selector: LabelSelector, name: str) -> bool:
        return namespace_fits(index, selector, name, strict=strict)

    return peers_fit(namespace, peers, party, fits)


def namespace_fits(index: Index, selector: LabelSelector, name: str, *, strict: bool = False) -> bool:
    item = index.snapshot.get(Namespace, "", name)
    labels = {NAME_LABEL: name, **(item.labels if item else {})}
    known = item is not None and (index.snapshot.depth(item.ref) >= Depth.DESCRIBED or bool(item.labels))
    if matches(selector, labels):
        return True
    asked = set(selector.match_labels) | {part.key for part in selector.match_expressions}
    return asked != {NAME_LABEL} and not known and not strict  # labels that were not seen may fit
