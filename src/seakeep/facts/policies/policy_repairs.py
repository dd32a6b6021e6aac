"""The policy beside a policy: what admits the connections that a NetworkPolicy bars, and nothing else. Policies add up, so that nobody's object is edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seakeep.facts.dns.dns_barred import bars_lookups
from seakeep.facts.dns.dns_lookups import is_address
from seakeep.facts.dns.dns_service import dns_parties, dns_template
from seakeep.facts.index import Index
from seakeep.facts.policies.policy_blocks import Block
from seakeep.facts.proposing import free_name, selector_of
from seakeep.facts.workloads.templates import template_of
from seakeep.model.change import Change, Risk
from seakeep.model.refs import Ref

# Every namespace carries its name so (KEP-2161).
_NAMESPACE = "kubernetes.io/metadata.name"


def admitting(index: Index, blocks: Sequence[Block]) -> Change | None:
    """For connections between workloads that one policy bars in one direction; None where an end or a port of one of them is not known."""
    barrier = blocks[0].barrier
    direction, space = barrier.direction, barrier.policy.namespace
    rules: list[dict[str, Any]] = []
    for block in blocks:
        peer = block.consumer if direction == "Ingress" else block.to.workload
        if block.barrier.direction != direction or peer is None or not block.to.port:
            return None
        labels = _labels(index, peer)
        if labels is None:
            return None
        who: dict[str, Any] = {"podSelector": labels}
        if peer.namespace != space:
            who["namespaceSelector"] = {"matchLabels": {_NAMESPACE: peer.namespace}}
        ports = [{"port": block.to.port, "protocol": block.to.protocol}]
        _add(rules, "from" if direction == "Ingress" else "to", who, ports)
    looked_up = _looked_up(index, blocks) if direction == "Egress" else None
    if looked_up is not None:
        rules.append(looked_up)
    own = [block.to.workload if direction == "Ingress" else block.consumer for block in blocks]
    guarded = _labels(index, own[0]) if own[0] is not None and len(set(own)) == 1 else None
    if guarded is None:
        return None
    names = ", ".join(dict.fromkeys(f"{block.consumer.kind} {block.consumer.name}" for block in blocks))
    name = free_name(index, "NetworkPolicy", space, f"{barrier.policy.name}-admits")
    spec = {"podSelector": guarded, "policyTypes": [direction], direction.lower(): rules}
    why = f"admits what NetworkPolicy {barrier.policy.name} bars and is relied on: {direction.lower()} of {names}"
    why += "; the cluster's DNS too, without which they find nothing by name" if looked_up is not None else ""
    return Change(Ref("NetworkPolicy", space, name), {"spec": spec}, (), Risk.LOW, why, "networking.k8s.io/v1")


def _looked_up(index: Index, blocks: Sequence[Block]) -> dict[str, Any] | None:
    """The way to the cluster's DNS, where policies bar that too; to any server on its port, where its pods were not seen."""
    if not any(bars_lookups(index, block.consumer) for block in blocks if not is_address(block.host)):
        return None
    ((_, port),) = dns_parties(index)
    template = dns_template(index)
    labels = _labels(index, template.ref) if template is not None else None
    ports = {"ports": [{"port": port, "protocol": protocol} for protocol in ("UDP", "TCP")]}
    if template is None or labels is None:
        return ports
    there = {"matchLabels": {_NAMESPACE: template.ref.namespace}}
    return {"to": [{"podSelector": labels, "namespaceSelector": there}], **ports}


def _add(rules: list[dict[str, Any]], side: str, who: Mapping[str, Any], ports: list[dict[str, Any]]) -> None:
    """Peers that may use the same ports stand in one rule."""
    same = next((rule for rule in rules if rule["ports"] == ports), None)
    if same is None:
        rules.append({side: [who], "ports": ports})
    elif who not in same[side]:
        same[side].append(who)


def _labels(index: Index, ref: Ref) -> dict[str, Any] | None:
    """The selector of a workload's pods; for a pod without one, or where it was not seen, all its labels."""
    found = selector_of(index, ref)
    if found is not None:
        return found
    template = template_of(index, ref)
    if template is None or not template.labels_known or not template.labels:
        return None
    return {"matchLabels": dict(template.labels)} if ref.kind == "Pod" else None
