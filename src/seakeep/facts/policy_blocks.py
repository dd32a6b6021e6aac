"""Connections that somebody makes, or has configured, and that NetworkPolicies bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from seakeep.facts.addresses import Address, resolve
from seakeep.facts.calls import LOST, Call, calls
from seakeep.facts.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.network import Barrier, barriers, unread_policies
from seakeep.facts.network import selects as selected_by
from seakeep.facts.once import once
from seakeep.facts.parties import Destination, behind, of_called_pod, of_origin, of_template, outside
from seakeep.facts.policy_enforcement import is_enforced
from seakeep.facts.policy_rules import Party
from seakeep.facts.templates import template_of
from seakeep.model.objects import NetworkPolicy, Workload
from seakeep.model.refs import Ref

# What a dropped packet looks like from afar: logs often say only that the other end is not available yet.
_VAGUE = frozenset({"waiting", "unavailable", "failed"})
# Something came back: no packet was dropped.
_ANSWERS = frozenset({"ok", "refused", "reset", "http-error", "tls-error"})


@dataclass(frozen=True, slots=True)
class Block:
    """`consumer` is barred from `to` by `barrier`. `calls` were seen to fail so; `address` is the configuration that names the target. `stuck` tells that the consumer is not ready. `unread` are further policies on the same pods whose rules were not seen."""

    consumer: Ref
    host: str
    to: Destination
    barrier: Barrier
    calls: tuple[Call, ...]
    address: Address | None
    stuck: bool
    unread: tuple[NetworkPolicy, ...]

    @property
    def lost(self) -> bool:
        """A call got no answer at all, which is what a drop looks like."""
        return any(call.outcome in LOST for call in self.calls)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A policy of which only a table's row was seen, and that selects an end of `calls` that get no answer."""

    policy: NetworkPolicy
    calls: tuple[Call, ...]


@once
def blocks(index: Index) -> tuple[Block, ...]:
    """Those that were seen to fail first; each consumer, target and policy once."""
    found: dict[tuple[Ref, Ref | str, Ref], Block] = {}
    for block in (*_called(index), *_configured(index)):
        key = (block.consumer, block.to.ref or block.host, block.barrier.policy.ref)
        known = found.get(key)
        if known is None:
            found[key] = block
        else:
            calls_of_both = tuple(dict.fromkeys((*known.calls, *block.calls)))
            found[key] = replace(known, calls=calls_of_both, address=known.address or block.address)
    return tuple(block for block in found.values() if is_enforced(index, block.barrier.policy))


def _called(index: Index) -> Iterator[Block]:
    for call in calls(index):
        if not call.failed or (call.outcome not in LOST and call.outcome not in _VAGUE):
            continue
        if call.workload.kind == "Node" or call.probe in {"dns", "ping"}:
            continue
        source = of_origin(index, call.origin)
        for to in destinations(index, call) if source else ():
            for barrier in _first(index, source, to):
                yield _block(index, call.workload, call.host, source, to, barrier, (call,), None)


def destinations(index: Index, call: Call) -> tuple[Destination, ...]:
    """What a call would reach."""
    if call.pod is not None:
        to = of_called_pod(index, call.pod, call.port)
        return (to,) if to else ()
    if call.service is not None:
        return tuple(behind(index, call.service, call.port))
    return (outside(call.host, call.port),) if resolve(index, call.host, call.namespace).external else ()


def _configured(index: Index) -> Iterator[Block]:
    for edge in edges(index):
        template = template_of(index, edge.consumer)
        if template is None or edge.target is None or edge.exists is not True or not template.labels_known:
            continue
        if isinstance(template.item, Workload) and template.item.spec.replicas == 0:
            continue
        if edge.consumer in edge.backends and (template.wanted or len(template.pods)) < 2:
            continue  # a pod always reaches itself
        if _was_answered(index, edge.consumer, edge.target):
            continue
        source = of_template(template)
        stuck = bool(template.pods) and template.ready < len(template.pods)
        for to in behind(index, edge.service, edge.address.port):
            for barrier in _first(index, source, to):
                block = _block(index, edge.consumer, edge.address.host, source, to, barrier, (), edge.address)
                yield replace(block, stuck=stuck)


def _first(index: Index, source: Party, to: Destination) -> Iterator[Barrier]:
    """The likeliest culprit in each direction."""
    seen: set[str] = set()
    for barrier in barriers(index, source, to.party, to.port, to.protocol):
        if barrier.direction not in seen:
            seen.add(barrier.direction)
            yield barrier


def _block(
    index: Index,
    consumer: Ref,
    host: str,
    source: Party,
    to: Destination,
    barrier: Barrier,
    seen: tuple[Call, ...],
    address: Address | None,
) -> Block:
    owner = source if barrier.direction == "Egress" else to.party
    unread = tuple(item for item in unread_policies(index) if _picks(item, owner))
    return Block(consumer, host, to, barrier, seen, address, bool(seen), unread)


def _picks(policy: NetworkPolicy, party: Party) -> bool:
    return policy.namespace == party.namespace and not party.host_network and selected_by(policy, party)


def _was_answered(index: Index, consumer: Ref, service: Ref) -> bool:
    """A check from the consumer got something back from there."""
    return any(
        call.probe != "log" and call.workload == consumer and call.service == service and call.outcome in _ANSWERS
        for call in calls(index)
    )


@once
def suspects(index: Index) -> tuple[Suspect, ...]:
    """Where no policy whose rules were seen bars or admits the way."""
    barred = {call for block in blocks(index) for call in block.calls}
    found: dict[Ref, Suspect] = {}
    for call in calls(index):
        if not call.lost or call in barred or call.probe in {"dns", "ping"} or call.workload.kind == "Node":
            continue
        source = of_origin(index, call.origin)
        for to in destinations(index, call) if source else ():
            if to.ready is False or to.ref is None:
                continue
            for policy in unread_policies(index):
                if (_picks(policy, to.party) or _picks(policy, source)) and is_enforced(index, policy):
                    known = found.get(policy.ref, Suspect(policy, ()))
                    found[policy.ref] = replace(known, calls=tuple(dict.fromkeys((*known.calls, call))))
    return tuple(found[ref] for ref in sorted(found))
