"""Policies that were only seen as a table's row, and that may be what keeps calls from an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seakeep.facts.calls import Call, calls
from seakeep.facts.index import Index
from seakeep.facts.network import unread_policies
from seakeep.facts.once import once
from seakeep.facts.parties import of_origin
from seakeep.facts.policy_blocks import blocks, destinations, picks
from seakeep.facts.policy_enforcement import are_enforced
from seakeep.model.objects import NetworkPolicy
from seakeep.model.refs import Ref


@dataclass(frozen=True, slots=True)
class Suspect:
    """A policy of which only a table's row was seen, and that selects an end of `calls` that get no answer."""

    policy: NetworkPolicy
    calls: tuple[Call, ...]


@once
def suspects(index: Index) -> tuple[Suspect, ...]:
    """Where no policy whose rules were seen bars or admits the way."""
    barred = {call for block in blocks(index) for call in block.calls}
    found: dict[Ref, Suspect] = {}
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
                if (picks(policy, to.party) or picks(policy, source)) and are_enforced(index):
                    known = found.get(policy.ref, Suspect(policy, ()))
                    found[policy.ref] = replace(known, calls=tuple(dict.fromkeys((*known.calls, call))))
    return tuple(found[ref] for ref in sorted(found))
