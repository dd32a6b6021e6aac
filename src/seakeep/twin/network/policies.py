"""What policies say to a connection, in the order of their tiers: Admin, NetworkPolicy, Baseline (networking.k8s.io/v1; policy.networking.k8s.io).

NetworkPolicies only add: a pod that any of them isolates in a direction is reached (or reaches out) where at least one has a rule that fits. So where none fits, all of them bar the way together.
Beyond all policies are pods on the host's network, a pod's connections to itself, and those between a pod and its own node (the kubelet's probes).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from seakeep.facts.policies.policy_match import Party, isolates, labels_fit, peers_fit, ports_fit, rules_of
from seakeep.model.objects import NetworkPolicy
from seakeep.model.refs import Ref
from seakeep.twin.network import admin
from seakeep.twin.network.answer import Step
from seakeep.twin.network.base import End, Network

DIRECTIONS = ("Egress", "Ingress")


@dataclass(frozen=True, slots=True)
class Traffic:
    """`port` is the one that the target end listens on: policies see a connection after a Service has translated it."""

    source: End
    target: End
    port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """`allowed` is None where it depends on what was not seen. `step` names the policy that decides, or is None where none has a say."""

    allowed: bool | None
    step: Step | None = None
    others: tuple[Ref, ...] = ()


def judge(network: Network, traffic: Traffic, direction: str) -> Ruling:
    """Egress by the policies of the source, Ingress by those of the target."""
    owner, peer = (traffic.source, traffic.target) if direction == "Egress" else (traffic.target, traffic.source)
    if owner.ref is None or owner.ref.kind == "Node" or owner.party.host_network:
        return Ruling(True)
    if peer.ref is not None and peer.ref == owner.ref:
        return Ruling(True, Step(owner.ref, "metadata.name", "a pod always reaches itself"))
    if peer.party.host_network and peer.node and peer.node == owner.node:
        told = f"connections between a pod and its own node are beyond policies ({direction.lower()})"
        return Ruling(True, Step(owner.ref, "spec.nodeName", told))
    for tier in (admin.ADMIN, "", admin.BASELINE):
        ruling = (
            _of_tier(network, tier, traffic, direction, owner, peer)
            if tier
            else _of_policies(network, traffic, direction, owner, peer)
        )
        if ruling is not None:
            return ruling
    return Ruling(True)


def _of_tier(network: Network, tier: str, traffic: Traffic, direction: str, owner: End, peer: End) -> Ruling | None:
    for policy in admin.policies(network, tier):
        found = admin.judge(network, policy, direction, owner, peer, traffic.port, traffic.protocol)
        if found is None:
            continue
        step = Step(policy.ref, found.field, found.what)
        if found.action is admin.Action.PASS:
            return None
        allowed = {admin.Action.ALLOW: True, admin.Action.DENY: False}.get(found.action)
        return Ruling(allowed, step)
    return None


def selecting(network: Network, party: Party, direction: str) -> tuple[tuple[NetworkPolicy, bool], ...]:
    """The policies that isolate a pod in one direction, by name, and whether that is beyond doubt: labels that were not seen may be the ones selected."""
    key = ("selecting", party.namespace, tuple(sorted(party.labels.items())), party.labels_known, direction)
    known = network.cache.get(key)
    if known is None:
        known = network.cache[key] = tuple(
            (item, labels_fit(item.spec.pod_selector, party, unseen=False))
            for item in network.state.within(NetworkPolicy, party.namespace)
            if _may_isolate(network, item, direction) and labels_fit(item.spec.pod_selector, party)
        )
    return known  # type: ignore[return-value]


def _may_isolate(network: Network, item: NetworkPolicy, direction: str) -> bool:
    return isolates(item, direction) or _is_unread(network, item)


def _is_unread(network: Network, item: NetworkPolicy) -> bool:
    """A table shows the pod selector alone."""
    spec = item.spec
    return item.ref in network.sight.shallow and not (spec.policy_types or spec.ingress or spec.egress)


def _of_policies(network: Network, traffic: Traffic, direction: str, owner: End, peer: End) -> Ruling | None:
    chosen = selecting(network, owner.party, direction)
    if not chosen:
        return None
    doubtful: Step | None = None
    firm = any(certain for _, certain in chosen)
    for policy, certain in chosen:
        field = _admitting(network, policy, traffic, direction, peer, unseen=False)
        if field and (certain or not firm):
            told = f"NetworkPolicy {policy.name} admits it ({direction.lower()})"
            return Ruling(True, Step(policy.ref, field, told))
        if doubtful is None and (field or _admitting(network, policy, traffic, direction, peer, unseen=True)):
            doubtful = Step(policy.ref, _spec(direction), "whether it admits this depends on what was not seen")
    for policy, _ in chosen:
        if doubtful is None and _is_unread(network, policy):
            doubtful = Step(policy.ref, "spec", f"the rules of NetworkPolicy {policy.name} were not seen")
        elif doubtful is None and not firm:
            doubtful = Step(policy.ref, "spec.podSelector", f"the labels of {owner.name} were not seen")
    if doubtful is not None:
        return Ruling(None, doubtful)
    ranked = sorted(
        (_blame(network, policy, traffic, direction, peer) for policy, _ in chosen),
        key=lambda item: (item[0], str(item[1].object)),
    )
    others = tuple(sorted(item.object for _, item in ranked[1:] if item.object))
    return Ruling(False, ranked[0][1], others)


def _admitting(
    network: Network, policy: NetworkPolicy, traffic: Traffic, direction: str, peer: End, *, unseen: bool
) -> str:
    """The field of the rule that admits the connection, or ""."""
    fits = partial(network.namespace_fits, unseen=unseen)
    for number, rule in enumerate(rules_of(policy, direction)):
        if peers_fit(policy.namespace, rule.peers, peer.party, fits, unseen=unseen) and ports_fit(
            rule.ports, traffic.target.party, traffic.port, traffic.protocol, unseen=unseen
        ):
            return f"{_spec(direction)}[{number}]"
    return ""


def _spec(direction: str) -> str:
    return f"spec.{direction.lower()}"


def _blame(network: Network, policy: NetworkPolicy, traffic: Traffic, direction: str, peer: End) -> tuple[int, Step]:
    """How near it comes to admitting the connection: a rule for this peer with other ports, for this port with other peers, for neither; no rule at all."""
    fits = partial(network.namespace_fits, unseen=True)
    target, side = traffic.target.party, "from" if direction == "Ingress" else "to"
    best = (3, _spec(direction), f"it denies {direction.lower()} by default")
    for number, rule in enumerate(rules_of(policy, direction)):
        field = f"{_spec(direction)}[{number}]"
        if peers_fit(policy.namespace, rule.peers, peer.party, fits):
            found = (
                0,
                f"{field}.ports",
                f"its rule for this peer names other ports than {traffic.port}/{traffic.protocol}",
            )
        elif ports_fit(rule.ports, target, traffic.port, traffic.protocol):
            found = (1, f"{field}.{side}", f"its rule for this port does not name {peer.name}")
        else:
            found = (2, _spec(direction), f"none of its rules names {peer.name} and this port")
        best = min(best, found)
    told = f"NetworkPolicy {policy.name} bars it ({direction.lower()}): {best[2]}"
    return best[0], Step(policy.ref, best[1], told)
