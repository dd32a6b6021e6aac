"""Why single nodes still take services after a plan: what replica counts and volumes allow, and what they do not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import ceil

from msgspec import Struct

from seakeep.engine.watch import Board
from seakeep.facts.disruption.disruption_allowance import held_most
from seakeep.facts.index import Index
from seakeep.facts.scheduling.node_choice import places
from seakeep.facts.workloads.templates import template_of
from seakeep.model.objects import Node, Pod
from seakeep.model.plan import Limit
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Need, Shortage
from seakeep.model.survival import Disruption, Outcome

# What lies deepest comes first: a service is listed once, with the first reason that holds.
VOLUME = "one replica, whose volume stays on its node"
CONTROL_PLANE = "the control plane has one node"
COUNT = "needs {needed} of {intended} pods, and one of {nodes} nodes always holds {held}"
HELD = "volumes hold so many of its pods on one node that the others are too few"
BOUND = "its template binds it to one node"
ROOM = "no other node has room for it ({lacking})"
TOGETHER = "its replicas are on one node, though they may be spread"
PAUSE = "one replica: it pauses until it has started on another node"
RELIES = "relies on a service that one node takes or interrupts"
_ORDER = (VOLUME, CONTROL_PLANE, COUNT, HELD, BOUND, ROOM, TOGETHER, RELIES, PAUSE)
_STARTS = tuple(text.partition("{")[0] for text in _ORDER)
_LACKING = re.compile(r"(Too many pods|Insufficient [^\s,.]+)")


class Standing(Struct, frozen=True):
    """The platform that a twin shows."""

    index: Index
    platform: Platform
    board: Board


def limits(standing: Standing, outcomes: Sequence[Outcome]) -> tuple[Limit, ...]:
    """Of drains and losses of one node each. Services that were below their need before are no matter of nodes."""
    down = standing.board.short
    found: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        if outcome.disruption.kind in {"drain", "loss"}:
            for short in outcome.short:
                if short.service not in down:
                    found[short.service].add(_reason(standing, outcome, short))
    groups: dict[str, list[str]] = defaultdict(list)
    for service, reasons in sorted(found.items()):
        groups[min(reasons, key=_rank)].append(service)
    return tuple(Limit(reason, tuple(groups[reason])) for reason in sorted(groups, key=_rank))


def _rank(reason: str) -> tuple[int, str]:
    return next(place for place, start in enumerate(_STARTS) if reason.startswith(start)), reason


def _reason(standing: Standing, outcome: Outcome, short: Shortage) -> str:
    need, ref = standing.board.needs[short.workload], short.workload
    if ref.kind == "Pod":
        return CONTROL_PLANE
    if need.intended > 1:
        found = _of_several(standing, need, _per_node(standing, ref), outcome.disruption)
        if found:
            return found
    node, held = held_most(standing.index, ref)
    if need.intended == 1 and held and node in outcome.disruption.targets:
        return VOLUME
    if _bound_to(standing, ref, outcome.disruption):
        return BOUND
    lacking = sorted(set(_LACKING.findall(dict(outcome.unplaced).get(ref, ""))))
    if lacking:
        return ROOM.format(lacking=", ".join(lacking))
    return PAUSE if need.intended == 1 and short.recovered else RELIES


def _of_several(standing: Standing, need: Need, placed: Mapping[str, int], disruption: Disruption) -> str:
    """Why too few of several pods are left; nothing where those elsewhere would be enough."""
    gone = sum(placed.get(name, 0) for name in disruption.targets)
    if sum(placed.values()) - gone >= need.needed:
        return ""
    nodes = sum(1 for _ in standing.index.snapshot.all(Node))
    least = ceil(need.intended / nodes) if nodes else need.intended
    if need.intended - least < need.needed:
        return COUNT.format(needed=need.needed, intended=need.intended, nodes=nodes, held=least)
    if _bound_to(standing, need.workload, disruption):
        return BOUND
    if need.intended - held_most(standing.index, need.workload)[1] < need.needed:
        return HELD
    return TOGETHER


def _per_node(standing: Standing, ref: Ref) -> Counter[str]:
    """Its ready pods by node."""
    ready = (key for key, workload in standing.board.ready.items() if workload == ref)
    pods = (standing.index.snapshot.get(Pod, *key) for key in ready)
    return Counter(pod.spec.node_name for pod in pods if pod is not None)


def _bound_to(standing: Standing, ref: Ref, disruption: Disruption) -> bool:
    template = template_of(standing.index, ref)
    able = places(standing.index, template.spec) if template is not None else None
    return able is not None and len(able) == 1 and bool(able & set(disruption.targets))
