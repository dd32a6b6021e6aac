"""Calls that fail only from node to node, and the one node that is at an end of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.calls import LOST
from seakeep.facts.index import Index
from seakeep.facts.nodes.kubelet_signs import kubelet_calls, node_called
from seakeep.facts.nodes.node_agents import AgentTrouble, cni_troubles
from seakeep.facts.nodes.node_calls import Way, ways
from seakeep.facts.nodes.node_services import Service, stopped
from seakeep.facts.nodes.nodes import node, ready_status
from seakeep.facts.once import once
from seakeep.facts.scheduling.placement import is_control_plane
from seakeep.model.cause import Evidence
from seakeep.model.refs import Ref


class CutOff(Struct, frozen=True):
    """`others` are the nodes at the far ends. `near` are calls to the same targets that stay on one node and work, `far` the ones that are lost; `unreachable` says that the API server cannot reach the kubelet, whose heartbeats come."""

    node: str
    others: tuple[str, ...]
    far: tuple[Way, ...]
    near: tuple[Way, ...]
    unreachable: tuple[Evidence, ...]
    peering: AgentTrouble | None

    @property
    def pairs(self) -> int:
        """Different callers and targets."""
        return len({(way.call.workload, way.target) for way in self.far})


@once
def cut_off(index: Index) -> tuple[CutOff, ...]:
    """One where a single node is at an end of every lost call, else one per node that is needed to cover them all; and nodes whose routing daemon has no peers."""
    lost = [way for way in ways(index) if _is_lost_between(index, way)]
    found = list(_cover(index, lost))
    named = {item.node for item in found}
    found += [
        CutOff(trouble.node, (), (), (), tuple(_unreachable(index, trouble.node)), trouble)
        for trouble in cni_troubles(index)
        if trouble.peering and trouble.node and trouble.node not in named and not lost
    ]
    return tuple(found)


def _is_lost_between(index: Index, way: Way) -> bool:
    """No call over the same pair of nodes works, and both nodes are up."""
    if not (way.lost and way.crosses):
        return False
    if any(ready_status(index, name) in {"Unknown", "False"} for name in (way.start, *way.ends)):
        return False
    return not any(
        other.works and other.crosses and other.start == way.start and other.ends <= way.ends for other in ways(index)
    )


def _cover(index: Index, lost: list[Way]) -> Iterator[CutOff]:
    rest = list(lost)
    while rest:
        name = _likeliest(index, rest)
        far = tuple(way for way in rest if name == way.start or way.ends == {name})
        if not far:
            return
        others = {other for way in far for other in (way.start, *way.ends)} - {name}
        targets = {way.target for way in far}
        near = tuple(
            way for way in ways(index) if way.works and not way.crosses and way.start and way.target in targets
        )
        peering = next((item for item in cni_troubles(index) if item.peering and item.node == name), None)
        yield CutOff(name, tuple(sorted(others)), far, near, tuple(_unreachable(index, name)), peering)
        rest = [way for way in rest if way not in far]


def _likeliest(index: Index, lost: list[Way]) -> str:
    """At an end of most lost calls; of two such nodes the one with troubles of its own, then the one without working calls to third nodes, then a worker, then the one called."""
    ends: Counter[str] = Counter()
    called: Counter[str] = Counter()
    for way in lost:
        for name in {way.start, *(way.ends if len(way.ends) == 1 else ())}:
            ends[name] += 1
        called.update(way.ends)
    working = Counter(
        name
        for way in ways(index)
        if way.works and way.crosses
        for name in (way.start, *(way.ends if len(way.ends) == 1 else ()))
    )
    return min(
        ends,
        key=lambda name: (
            -ends[name],
            -_own_troubles(index, name),
            working[name],
            _on_control_plane(index, name),
            -called[name],
            name,
        ),
    )


def _own_troubles(index: Index, name: str) -> int:
    agent = any(item.node == name for item in cni_troubles(index))
    return 2 * len(list(_unreachable(index, name))) + agent + (name in stopped(index))


def _on_control_plane(index: Index, name: str) -> bool:
    item = node(index, name)
    return item is not None and is_control_plane(item)


def _unreachable(index: Index, name: str) -> Iterator[Evidence]:
    for call in kubelet_calls(index):
        if call.failed and call.outcome in LOST and node_called(index, call) == name:
            yield call.evidence


def is_broken_itself(index: Index, name: str) -> bool:
    """The pod network of the node is not set up at all: that is the deeper cause."""
    found = stopped(index).get(name)
    return found is not None and found.service in {Service.NETWORK, Service.RUNTIME}


def sufferers(item: CutOff) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(way.call.origin for way in item.far))
