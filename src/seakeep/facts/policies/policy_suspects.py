"""Policies that may bar a connection, where what decides was not seen: their rules (a table's row), or the labels of a namespace that they ask for."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.network import barriers, unread_policies
from seakeep.facts.policies.parties import behind, of_origin, of_template
from seakeep.facts.policies.policy_blocks import blocks, destinations, picks, was_turned_away
from seakeep.facts.policies.policy_enforcement import are_enforced, is_pierced
from seakeep.facts.routing.address_text import Form
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import NetworkPolicy
from seakeep.model.refs import Ref


class Suspect(Struct, frozen=True):
    """`calls` get no answer; without them `told` only names the target. `host` is what is called or named, `why` what was not seen, `lookup` what would show it."""

    policy: NetworkPolicy
    host: str
    why: str
    lookup: str
    calls: tuple[Call, ...]
    told: Evidence | None
    consumers: tuple[Ref, ...]


@once
def suspects(index: Index) -> tuple[Suspect, ...]:
    """By policy. Only where no policy whose rules were seen bars the way."""
    if not index.snapshot.objects.get("NetworkPolicy") or not are_enforced(index):
        return ()
    found: dict[Ref, Suspect] = {}
    for item in (*_of_calls(index), *_of_edges(index)):
        known = found.get(item.policy.ref)
        if known is None:
            found[item.policy.ref] = item
        else:
            joined = tuple(dict.fromkeys((*known.calls, *item.calls)))
            users = tuple(dict.fromkeys((*known.consumers, *item.consumers)))
            found[item.policy.ref] = replace(known, calls=joined, consumers=users)
    return tuple(found[ref] for ref in sorted(found))


def _of_calls(index: Index) -> Iterator[Suspect]:
    barred = {call for block in blocks(index) for call in block.calls}
    for call in calls(index):
        if not call.lost or call in barred or call.probe in {"dns", "ping"} or call.workload.kind == "Node":
            continue
        source = of_origin(index, call.origin)
        if source is None:
            continue
        for to in destinations(index, call):
            if to.ready is False or to.ref is None:
                continue
            for policy in unread_policies(index):
                if picks(policy, to.party) or picks(policy, source):
                    yield Suspect(policy, call.host, *_rules_of(policy), (call,), None, (call.workload,))
            for barrier in barriers(index, source, to.party, to.port, to.protocol, strict=True):
                peer = source if barrier.direction == "Ingress" else to.party
                why, lookup = _labels_of(peer.namespace)
                yield Suspect(barrier.policy, call.host, why, lookup, (call,), None, (call.workload,))


def _of_edges(index: Index) -> Iterator[Suspect]:
    """Rules alone: a row without a call that fails says nothing."""
    barred = {(block.consumer, block.to.ref) for block in blocks(index)}
    for edge in edges(index):
        template = template_of(index, edge.consumer)
        if template is None or not template.labels_known or edge.exists is not True or edge.address.form is Form.BARE:
            continue
        source, address = of_template(template), edge.address
        for to in behind(index, edge.service, address.port):
            if (edge.consumer, to.ref) in barred or edge.consumer == to.workload:
                continue
            if to.ref and was_turned_away(index, edge.consumer, to.ref):
                continue
            for barrier in barriers(index, source, to.party, to.port, to.protocol, strict=True):
                if not is_pierced(index, barrier.policy):
                    peer = source if barrier.direction == "Ingress" else to.party
                    told = Evidence(address.at, address.path, address.text[:300])
                    why, lookup = _labels_of(peer.namespace)
                    yield Suspect(barrier.policy, address.host, why, lookup, (), told, (edge.consumer,))


def _rules_of(policy: NetworkPolicy) -> tuple[str, str]:
    lookup = f"kubectl describe networkpolicy {named(policy)}"
    return "selects an end of the connection, and its rules were not seen", lookup


def _labels_of(namespace: str) -> tuple[str, str]:
    why = f"admits namespaces by labels, and those of namespace {namespace} were not seen"
    return why, f"kubectl get namespace {quote(namespace)} --show-labels"
