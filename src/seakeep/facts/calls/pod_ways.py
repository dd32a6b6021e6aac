"""Calls as ways between workloads: which of them go badly, which go well, and whether one workload is at an end of all the bad ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from seakeep.facts.calls.called import called
from seakeep.facts.calls.calls import Call
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_calls import ways
from seakeep.facts.nodes.node_measures import measured
from seakeep.facts.nodes.nodes import nodes_of
from seakeep.facts.once import once
from seakeep.model.cause import Evidence
from seakeep.model.refs import Ref

_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Pod"}


class WorkloadWay(Struct, frozen=True):
    """`lost` where nothing came back at all; `timed` where the call tells how long or how safely packets travel, which a mere connection does not. `raw` leaves the application out."""

    source: Ref
    targets: tuple[Ref, ...]
    bad: bool
    lost: bool
    timed: bool
    raw: bool
    origin: Ref
    evidence: Evidence

    @property
    def ends(self) -> frozenset[Ref]:
        return frozenset({self.source, *self.targets})


@once
def workload_ways(index: Index) -> tuple[WorkloadWay, ...]:
    """Those whose two ends are known and differ."""
    found = [_way(index, call, bad=bad, lost=False) for call, bad in measured(index)]
    found += [_way(index, way.call, bad=True, lost=True) for way in ways(index) if way.lost and way.call.probe != "dns"]
    return tuple(dict.fromkeys(way for way in found if way.targets and way.source not in way.targets))


def _way(index: Index, call: Call, *, bad: bool, lost: bool) -> WorkloadWay:
    ping = call.probe == "ping"
    # Behind a Service may be several pods, of which one is broken.
    raw = ping or lost or (call.probe == "tcp" and call.pod is not None)
    return WorkloadWay(
        call.workload,
        called(index, call),
        bad,
        lost,
        ping or call.latency is not None,
        raw,
        call.origin,
        call.evidence,
    )


class Suspect(Struct, frozen=True):
    """`alone` where only this workload fits; `spared` are good ways of other workloads on its nodes, or anywhere."""

    workload: Ref
    bad: tuple[WorkloadWay, ...]
    alone: bool
    spared: tuple[WorkloadWay, ...]


def suspects(index: Index) -> Iterator[Suspect]:
    """At most one: the workload at an end of every bad way, whose own ways are not found good elsewhere."""
    every = workload_ways(index)
    bad = [way for way in every if way.bad]
    good = [way for way in every if not way.bad and way.timed]
    counted = [way for way in bad if not _is_passed_on(way, bad)]
    common = set.intersection(*(set(way.ends) for way in counted)) if counted else set()
    common = {ref for ref in common if ref.kind in _WORKLOADS and ref in index.pods_by_workload}
    innocent = {ref for way in good for ref in way.ends}
    left = sorted(common - innocent)
    if not left or (len(common) > 1 and len(counted) < 2 and not common & innocent):
        return
    first = next((ref for ref in left if all(ref in way.targets for way in counted)), left[0])
    here = nodes_of(index, first)
    others = [way for way in every if not way.bad and first not in way.ends]
    near = [way for way in others if any(nodes_of(index, ref) & here for ref in way.ends)]
    yield Suspect(first, tuple(counted), len(left) == 1, tuple(near or others))


def _is_passed_on(way: WorkloadWay, bad: Iterable[WorkloadWay]) -> bool:
    """A slow answer of one that itself waits for a slow answer tells of the last one only."""
    if way.raw:
        return False
    return any(
        other.source in way.targets and other.source not in other.targets and way.source not in other.targets
        for other in bad
    )


def shares_node(index: Index, workload: Ref, way: WorkloadWay) -> bool:
    return any(nodes_of(index, ref) & nodes_of(index, workload) for ref in way.ends - {workload})
