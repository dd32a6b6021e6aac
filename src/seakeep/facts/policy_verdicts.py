"""Barred connections by the policy that is to blame, and what it lacks, in words."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.facts.dns_barred import cannot_resolve
from seakeep.facts.index import Index
from seakeep.facts.network import selects_by
from seakeep.facts.policy_blocks import Block, blocks
from seakeep.facts.policy_nearness import Closeness
from seakeep.model.refs import Ref


def barred(index: Index) -> Sequence[Sequence[Block]]:
    """By policy, those seen to fail first. Consumers that were seen not to get even a name resolved, by the same policy's doing, are left to that cause."""
    found: dict[Ref, list[Block]] = {}
    for block in blocks(index):
        policy = block.barrier.policy.ref
        early = (block.consumer, policy) in cannot_resolve(index) and not block.lost
        if not early or block.barrier.direction == "Ingress":
            found.setdefault(policy, []).append(block)
    return [sorted(found[ref], key=_order) for ref in sorted(found)]


def _order(block: Block) -> tuple[bool, bool, Closeness, Ref, str]:
    return not block.lost, not block.calls, block.barrier.closeness, block.consumer, block.host


def description(block: Block, count: int) -> str:
    barrier, policy = block.barrier, block.barrier.policy
    who = f"{block.consumer.kind} {block.consumer.name}"
    target = f"{block.to.ref.kind} {block.to.ref.name}" if block.to.ref else block.host
    port = f" on port {block.to.port}" if block.to.port else ""
    more = f", and {count - 1} more connection{'s' if count > 2 else ''}" if count > 1 else ""
    return f"NetworkPolicy {policy.name} ({barrier.direction.lower()} of {selects_by(policy)}) does not let {who} reach {target}{port}{more}: {_fault(block)}"


def _fault(block: Block) -> str:
    side = "from" if block.barrier.direction == "Ingress" else "to"
    match block.barrier.nearly:
        case "port" if block.to.asked != block.to.port and block.to.port:
            return f"its rule for this peer names another port; policies count the pod's port {block.to.port}, not the Service's {block.to.asked}"
        case "port":
            return "its rule for this peer names another port"
        case "protocol":
            return f"its rule names another protocol than {block.to.protocol}"
        case "namespace":
            return f"its {side} rule selects such pods in another namespace"
        case "label":
            return f"a label in its {side} rule is nearly, but not quite, the pods'"
        case "selector":
            return "it would admit it, but its podSelector picks no pod at all"
        case "peer":
            return f"its {side} rules are for others"
    return "it denies by default" if block.barrier.closeness is Closeness.NO_RULE else "none of its rules fits"


def needed(block: Block) -> str:
    """The rule that lacks."""
    side = "from" if block.barrier.direction == "Ingress" else "to"
    peer = block.consumer if side == "from" else block.to.workload or block.to.ref
    name = f"{peer.kind} {peer.name}" if peer else block.host
    foreign = bool(peer and peer.namespace and peer.namespace != block.barrier.policy.namespace)
    where = f" in namespace {peer.namespace} (with a namespaceSelector)" if peer and foreign else ""
    port = f", port {block.to.port}/{block.to.protocol}" if block.to.port else ""
    if block.barrier.nearly == "selector":
        return "correct the labels in podSelector"
    return f"admit {block.barrier.direction.lower()} {side} {name}{where}{port}"
