"""Barred connections by the policy that is to blame, and what it lacks, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from seakeep.facts.dns.dns_barred import cannot_resolve
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.policies.network import selects_by
from seakeep.facts.policies.policy_blocks import Block, blocks
from seakeep.facts.policies.policy_nearness import Closeness
from seakeep.facts.policies.policy_probes import ProbeBlock, probe_blocks
from seakeep.facts.policies.policy_repairs import admitting
from seakeep.facts.policies.policy_suspects import Suspect, suspects
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Evidence
from seakeep.model.change import Change
from seakeep.model.refs import Ref

FAINT = 0  # a weakness that nothing was seen to suffer from


class Verdict(Struct, frozen=True):
    """`level` as in `node_signs`, or FAINT."""

    policy: Ref
    what: str
    repair: str
    level: int
    evidence: tuple[Evidence, ...]
    sufferers: tuple[Ref, ...]
    settled_by: str
    change: Change | None = None


def verdicts(index: Index) -> Iterator[Verdict]:
    yield from (_barring(index, group) for group in barred(index))
    yield from (_suspected(item) for item in suspects(index))
    yield from (_unprobed(item) for item in probe_blocks(index))


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


def _barring(index: Index, group: Sequence[Block]) -> Verdict:
    first, policy = group[0], group[0].barrier.policy
    told = [block.told for block in group if block.told]
    lacks = state_evidence(policy, f"spec.{first.barrier.direction.lower()}", needed(first))
    seen = dict.fromkeys(call.evidence for block in group for call in block.calls[:2])
    sufferers = [ref for block in group for ref in (block.consumer, *(call.origin for call in block.calls))]
    return Verdict(
        policy.ref,
        description(first, len(group)),
        f"In NetworkPolicy {policy.name}, or in one beside it: {needed(first)}.",
        max(_level(block) for block in group),
        (*seen, *told[:3], lacks),
        tuple(dict.fromkeys(sufferers)),
        _lookup(group),
        admitting(index, group) if first.barrier.nearly != "selector" else None,
    )


def _level(block: Block) -> int:
    """A call that got no answer proves it; nobody configures an address that is never called, but it may be called in other ways. Where nobody is ready to answer, that alone explains the call; where what the policy bars was seen to work, it may not be enforced."""
    doubts = 0 if block.lost else 1 if block.calls or block.firm else 2
    doubts += (block.to.ready is False) + bool(block.unread) + (2 if block.pierced and not block.lost else 0)
    return (CERTAIN, FAIR)[doubts] if doubts < 2 else WEAK


def _lookup(group: Sequence[Block]) -> str:
    block = group[0]
    unread = sorted({item.name for each in group for item in each.unread})
    if unread:
        return (
            f"kubectl describe networkpolicy {' '.join(map(quote, unread))} -n {quote(block.barrier.policy.namespace)}"
        )
    if not block.pierced:
        return ""
    consumer, port = block.consumer, str(block.to.asked or "<port>")
    return f"kubectl exec -n {quote(consumer.namespace)} {quote(consumer.kind.lower())}/{quote(consumer.name)} -- nc -zv -w 3 {quote(block.host)} {quote(port)}"


def _suspected(item: Suspect) -> Verdict:
    policy = item.policy
    users = ", ".join(f"{ref.kind} {ref.name}" for ref in item.consumers[:3])
    seen = f"{users} gets no answer from {item.host}" if item.calls else f"{users} needs {item.host}"
    sufferers = [*item.consumers, *(call.origin for call in item.calls)]
    told = (item.told,) if item.told else ()
    return Verdict(
        policy.ref,
        f"{seen}, and NetworkPolicy {policy.name} {item.why}",
        f"If NetworkPolicy {policy.name} has no rule for this connection, add one.",
        WEAK if item.calls else FAINT,
        (*(each.evidence for each in item.calls[:3]), *told, state_evidence(policy, "spec", item.why)),
        tuple(dict.fromkeys(sufferers)),
        item.lookup,
    )


def _unprobed(item: ProbeBlock) -> Verdict:
    policy, pod = item.policy, item.trouble.pod
    address, port = pod.status.pod_ip or "<pod IP>", item.trouble.port
    return Verdict(
        policy.ref,
        f"{item.trouble.kind} probes of pod {pod.name} time out since NetworkPolicy {policy.name} closed it, which admits no connection from the node",
        f"Admit ingress from the nodes' addresses (ipBlock) in NetworkPolicy {policy.name}.",
        WEAK,
        (*item.trouble.evidence, state_evidence(policy, "spec.ingress", "no rule fits the node's address")),
        (pod.ref,),
        f"On node {pod.spec.node_name or 'of the pod'}: nc -zv -w 3 {address} {port}",
    )
