"""Workloads that get too little CPU: by their own limit, or because a neighbour without one takes the node's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.calls.called import called
from seakeep.facts.calls.slow_signs import late_probes, slow_alerts
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_measures import measured
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.nodes.nodes import alert_evidence
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.resources.cpu_limits import SmallLimit, small_limits
from seakeep.facts.resources.cpu_loads import FULL, THROTTLED, Load, limits_of, loads
from seakeep.facts.resources.parallelism import Crowd, crowds
from seakeep.facts.scheduling.placement import amounts
from seakeep.facts.workloads.change import last_change
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import Node
from seakeep.model.quantity import format_cpu
from seakeep.model.refs import Ref

# Above this share of throttled periods a container waits more than it runs, whatever its average use.
_MOSTLY = 0.5
# Below this share of its limit a container waits only in bursts.
_IDLE = 0.5
# A limit up to this, in millicores, is a likely reason for slowness that nobody has measured.
_SMALL = 200
_RECENT = timedelta(hours=1)
_HOG = 0.5
UNMEASURED = 0


class Starved(Struct, frozen=True):
    """`level` as in node_signs, or UNMEASURED where only slowness and a limit are known. `why` in words; `victims` are slow because of it."""

    workload: Ref
    container: str
    limit: int
    level: int
    why: str
    evidence: tuple[Evidence, ...]
    pods: tuple[Ref, ...]
    victims: tuple[Ref, ...] = ()


@once
def late_signs(index: Index) -> Mapping[Ref, tuple[Evidence, ...]]:
    """Workload → what says that it answers late now."""
    found: dict[Ref, list[Evidence]] = defaultdict(list)
    for ref, alert in slow_alerts(index).items():
        found[ref].append(alert_evidence(alert, ref))
    for ref, proof in late_probes(index).items():
        found[ref].append(proof)
    for call, bad in measured(index):
        if bad and call.probe != "ping":
            for ref in called(index, call):
                found[ref].append(call.evidence)
    return {ref: tuple(dict.fromkeys(items)) for ref, items in sorted(found.items())}


@once
def starved(index: Index) -> tuple[Starved, ...]:
    """One per workload, by its worst container."""
    by_workload: dict[Ref, list[Load]] = defaultdict(list)
    for load in loads(index):
        by_workload[load.workload].append(load)
    small = small_limits(index)
    found: dict[Ref, Starved] = {item.workload: item for item in _hogs(index)}
    for ref in sorted({*by_workload, *small}):
        item = _judge(index, ref, by_workload.get(ref, []), small.get(ref))
        if item is not None:
            found.setdefault(ref, item)
    measured_loads = {ref for ref, group in by_workload.items() if any(load.used is not None for load in group)}
    for ref, crowd in crowds(index).items():
        if ref not in found and ref not in measured_loads:
            found[ref] = _crowded(crowd)
    return tuple(found[ref] for ref in sorted(found))


def _crowded(crowd: Crowd) -> Starved:
    """Nobody has measured it: what it is told to run at once cannot fit into what it may use."""
    why = f"runs {crowd.workers} workers within {format_cpu(crowd.limit)} CPU"
    level = WEAK if crowd.futile else UNMEASURED
    return Starved(crowd.workload, crowd.container, crowd.limit, level, why, crowd.evidence, crowd.pods)


def _judge(index: Index, ref: Ref, group: list[Load], small: SmallLimit | None) -> Starved | None:
    late = late_signs(index).get(ref, ())
    if small is None and not late:
        # Every start takes what it gets.
        group = [load for load in group if not load.young or load.throttled]
    worst = max(group, key=lambda load: (load.share or 0, load.throttled or 0), default=None)
    throttled = max(group, key=lambda load: load.throttled or 0, default=None)
    if worst and worst.share and worst.share >= FULL:
        sure = bool(late) or (worst.throttled or 0) >= THROTTLED or small is not None
        return _starved(worst, group, late, CERTAIN if sure else FAIR, "uses all the CPU that its limit allows", small)
    if throttled and (throttled.throttled or 0) >= THROTTLED:
        ratio = throttled.throttled or 0
        level = FAIR if late or ratio >= _MOSTLY else WEAK
        level = WEAK if throttled.share is not None and throttled.share < _IDLE and not late else level
        return _starved(throttled, group, late, level, f"is throttled in {ratio:.0%} of its periods", small)
    if any(load.used is not None for load in group):
        return None
    if small is not None:
        return _by_limit(index, small, late, group)
    limited = min((load for load in group if load.limit and load.container), key=lambda load: load.limit, default=None)
    if late and limited:
        level = WEAK if limited.limit <= _SMALL else UNMEASURED
        return _starved(limited, group, late, level, "answers late, and nobody has measured its CPU", None)
    return None


def _starved(
    load: Load, group: list[Load], late: tuple[Evidence, ...], level: int, why: str, small: SmallLimit | None
) -> Starved:
    proof = (*load.evidence, *(small.evidence if small else ()), *late[:3])
    pods = tuple(sorted({item.pod.ref for item in group}))
    return Starved(load.workload, load.container, load.limit, level, why, tuple(dict.fromkeys(proof)), pods)


def _by_limit(index: Index, small: SmallLimit, late: tuple[Evidence, ...], group: list[Load]) -> Starved | None:
    """Nobody has measured it: the limit was cut, or is tiny next to the neighbours'. Without slowness only a hard cut of just now counts."""
    changed = last_change(index, small.workload)
    recent = changed is not None and index.now - changed <= _RECENT
    if not late and not (small.hard and recent):
        return None
    why = (
        f"may use {format_cpu(small.limit)} CPU, {small.before} before"
        if small.before
        else f"may use only {format_cpu(small.limit)} CPU, far less than its neighbours"
    )
    pods = tuple(sorted({item.pod.ref for item in group}))
    return Starved(
        small.workload, small.container, small.limit, FAIR if late else WEAK, why, (*small.evidence, *late[:3]), pods
    )


def _hogs(index: Index) -> Iterator[Starved]:
    """A pod without a CPU limit that takes most of a node which has nothing left, while others on it answer late."""
    for node in index.snapshot.all(Node):
        whole = amounts(node.status.allocatable or node.status.capacity).get("cpu", 0)
        busy = max((usage.cpu for usage in index.usage_of(node)), default=0)
        if not whole or busy < FULL * whole:
            continue
        for pod in index.pods_on(node.name):
            used = sum(usage.cpu for usage in index.usage_of(pod))
            workload = workload_of(index, pod)
            limits = limits_of(index, pod, workload)
            if used < _HOG * whole or is_finished(pod) or not limits or all(limits.values()):
                continue
            late = _late_neighbours(index, node.name, workload)
            if late:
                proof = (
                    Evidence(
                        pod.ref,
                        "metric",
                        f"uses {format_cpu(used)} of the node's {format_cpu(whole)} CPU, without a limit",
                    ),
                    Evidence(node.ref, "metric", f"{format_cpu(busy)} of {format_cpu(whole)} CPU in use"),
                    *(evidence for items in late.values() for evidence in items[:1]),
                )
                why = f"takes {used / whole:.0%} of the CPU of node {node.name} from its neighbours"
                name = next(name for name, limit in limits.items() if not limit)
                yield Starved(workload, name, 0, CERTAIN, why, proof, (pod.ref,), tuple(late))


def _late_neighbours(index: Index, node: str, hog: Ref) -> Mapping[Ref, tuple[Evidence, ...]]:
    here = {workload_of(index, pod) for pod in index.pods_on(node)}
    return {ref: items for ref, items in late_signs(index).items() if ref in here and ref != hog}
