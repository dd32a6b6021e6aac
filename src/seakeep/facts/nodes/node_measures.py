"""Slow and lossy ways between nodes: what pings, requests and repeated calls measured."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_calls import ends_of
from seakeep.facts.nodes.nodes import node_at, node_of_origin
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod, Service
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Round trips inside a cluster take less than 5 ms, and small requests some tens; seconds.
SLOW_PING = 0.05
SLOW_REQUEST = 0.25
# How many times slower than the best measurement of the same kind.
_OUTLIER = 5
_LOSS = late(r"(?P<percent>\d{1,3}(?:\.\d+)?)% packet loss")


class Measure(Struct, frozen=True):
    """One measured call. `start` and `end` are nodes, "" where unknown; `source` and `target` what speaks there: a workload, a Service, or the node itself."""

    start: str
    end: str
    source: Ref
    target: Ref
    bad: bool
    evidence: Evidence


@once
def measures(index: Index) -> tuple[Measure, ...]:
    """Calls whose end is on one known node, bad where they are slow against the others, lose packets, or fail only at times."""
    found: list[Measure] = []
    for call, bad in measured(index):
        end, target = _end(index, call)
        start = node_of_origin(index, call.origin)
        if start or end:
            found.append(Measure(start, end, call.workload, target, bad, call.evidence))
    return tuple(found)


@once
def measured(index: Index) -> tuple[tuple[Call, bool], ...]:
    """Calls that were answered, at least at times, and whether that went badly: late against the others, with losses, or only now and then."""
    made = [call for call in calls(index) if call.probe != "log"]
    best = _best(made)
    fickle = _fickle(made)
    found: list[tuple[Call, bool]] = []
    for call in made:
        bad = _is_slow(call, best) or _is_lossy(call) or (call.origin, call.host, call.port) in fickle
        if bad or call.outcome == "ok":
            found.append((call, bad))
    return tuple(found)


def _best(made: list[Call]) -> dict[bool, float]:
    """The best time of pings (True) and of requests (False), where there is more than one to compare."""
    times: dict[bool, list[float]] = defaultdict(list)
    for call in made:
        if call.latency is not None:
            times[call.probe == "ping"].append(call.latency)
    return {kind: min(values) for kind, values in times.items() if len(values) > 1}


def _is_slow(call: Call, best: dict[bool, float]) -> bool:
    ping = call.probe == "ping"
    least = SLOW_PING if ping else SLOW_REQUEST
    if call.latency is None or call.latency < least:
        return False
    # Where there is nothing to compare with, only what is slow beyond doubt counts.
    return call.latency >= min(_OUTLIER * best[ping], 10 * least) if ping in best else call.latency >= 10 * least


def _is_lossy(call: Call) -> bool:
    match = _LOSS.search(call.evidence.value)
    return match is not None and 0 < float(match["percent"]) < 100


def _fickle(made: list[Call]) -> set[tuple[Ref, str, int]]:
    outcomes: dict[tuple[Ref, str, int], set[bool]] = defaultdict(set)
    for call in made:
        if call.lost or call.outcome == "ok":
            outcomes[call.origin, call.host, call.port].add(call.lost)
    return {key for key, values in outcomes.items() if len(values) == 2}


def _end(index: Index, call: Call) -> tuple[str, Ref]:
    if call.pod is not None:
        pod = index.snapshot.get(Pod, call.pod.namespace, call.pod.name)
        return (pod.spec.node_name, workload_of(index, pod)) if pod else ("", call.pod)
    service = index.snapshot.get(Service, call.service.namespace, call.service.name) if call.service else None
    if service is not None:
        ends = ends_of(index, service)
        return (next(iter(ends)) if len(ends) == 1 else "", service.ref)
    name = node_at(index, call.host)
    return name, Ref("Node", "", name)


class Slow(Struct, frozen=True):
    """`sure` where the ways that leave the node out were measured too, and are good."""

    node: str
    bad: tuple[Measure, ...]
    sure: bool


@once
def slow_nodes(index: Index) -> tuple[Slow, ...]:
    """At most one: the node that is at an end of every bad measurement, if more than one thing on it suffers."""
    bad = [item for item in measures(index) if item.bad]
    good = [item for item in measures(index) if not item.bad]
    ends = Counter(name for item in bad for name in {item.start, item.end} - {""})
    full = [name for name, count in ends.items() if count == len(bad)]
    suspects = [name for name in full if len(set(_local(bad, name))) > 1]
    if not suspects:
        return ()
    well = Counter(name for item in good if item.start != item.end for name in {item.start, item.end} - {""})
    first = min(suspects, key=lambda name: (well[name], -len(set(_local(bad, name))), name))
    if well[first] > len(bad):
        return ()
    away = any(first not in {item.start, item.end} for item in good)
    return (Slow(first, tuple(bad), away or any(well[name] for name in suspects if name != first)),)


def _local(bad: list[Measure], name: str) -> Iterator[Ref]:
    """What on the node suffers; the node itself counts for two, since whole-node measurements do not hang on one workload."""
    for item in bad:
        for where, ref in ((item.start, item.source), (item.end, item.target)):
            if where == name:
                yield ref
                if ref.kind == "Node":
                    yield ref._replace(namespace="*")
