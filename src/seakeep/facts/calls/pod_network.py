"""Workloads whose own pods' network is slow or lossy, while that of their neighbours on the same nodes is not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from seakeep.facts.calls.pod_ways import Suspect, shares_node, suspects
from seakeep.facts.calls.slow_signs import workloads_of
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_measures import slow_nodes
from seakeep.facts.nodes.node_pairs import cut_off
from seakeep.facts.nodes.node_services import stopped
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK, Sign
from seakeep.facts.nodes.node_slowness import slowness, stands_out
from seakeep.facts.nodes.nodes import alert_evidence
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.resources.cpu_loads import loads
from seakeep.facts.resources.starvation import late_signs, starved
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.quantity import QuantityError, value
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Sample

UNMEASURED = 0
_SHAPED = late(r"\bnetem\b.{0,200}?\b(?P<how>delay|loss|corrupt|duplicate|reorder|rate|gap)\b")
_ALERT = late(r"packet_?loss|network_?\w*(?:latency|loss|drop|error|delay)|retrans", re.IGNORECASE)
_LOSSES = late(r"loss|drop|err|retrans", re.IGNORECASE)
# Annotations of the bandwidth plugin (and of Cilium); bits per second.
_BANDWIDTH = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth")
_NARROW = 10_000_000
_IDLE = 0.5


@once
def degraded(index: Index) -> Mapping[Ref, tuple[Sign, ...]]:
    """Workload → its signs, the most telling first. A node that is slow as a whole, and a workload at its CPU limit, explain theirs; only what is seen in the pod itself stands against that."""
    found: dict[Ref, list[Sign]] = defaultdict(list)
    for ref, sign in _shaped(index):
        found[ref].append(sign)
    short = [item for item in starved(index) if item.level >= FAIR]
    excused = _on_bad_nodes(index) | {ref for item in short for ref in (item.workload, *item.victims)}
    for ref, sign in (*_measured(index), *_alerts(index), *_samples(index), *_narrow(index), *_late_only(index)):
        if ref not in excused:
            found[ref].append(sign)
    return {ref: tuple(sorted(signs, key=lambda sign: -sign.level)) for ref, signs in sorted(found.items())}


def _shaped(index: Index) -> Iterator[tuple[Ref, Sign]]:
    """Traffic control inside the pod's network says that it delays or drops."""
    for check in index.snapshot.checks:
        match = _SHAPED.search(check.detail) if check.target == "tc" and check.origin.kind != "Node" else None
        if match:
            pod = (
                index.snapshot.get(Pod, check.origin.namespace, check.origin.name)
                if check.origin.kind == "Pod"
                else None
            )
            text = f"tc qdisc: {check.detail[:240]}"
            yield (
                workload_of(index, pod) if pod else check.origin,
                Sign(CERTAIN, Evidence(check.origin, "check", text, check.time)),
            )


def _on_bad_nodes(index: Index) -> set[Ref]:
    bad = (
        {item.node for item in slow_nodes(index)}
        | set(slowness(index))
        | {item.node for item in cut_off(index)}
        | set(stopped(index))
    )
    return {workload_of(index, pod) for name in bad for pod in index.pods_on(name)}


def _measured(index: Index) -> Iterator[tuple[Ref, Sign]]:
    for item in suspects(index):
        level = _level(index, item)
        for way in item.bad[:4]:
            yield item.workload, Sign(level, way.evidence)
        for way in item.spared[:1]:
            yield item.workload, Sign(level, way.evidence)


def _level(index: Index, item: Suspect) -> int:
    """Packets that are late or lost between pods leave no doubt where the neighbours' arrive; requests may be slow, and calls lost, for other reasons."""
    several = len({(way.origin, way.targets) for way in item.bad}) > 1
    near = any(shares_node(index, item.workload, way) for way in item.spared)
    packets = any(way.raw and not way.lost for way in item.bad)
    if packets and item.alone and item.spared:
        return CERTAIN if several and near else FAIR
    if all(way.lost for way in item.bad):
        listed = index.snapshot.lists_all("NetworkPolicy", item.workload.namespace)
        seen = any(way.evidence.path == "check" for way in item.bad)  # a log line does not tell when
        return FAIR if several and seen and item.spared and listed else WEAK
    return FAIR if several and item.alone and item.spared and _is_idle(index, item.workload) else WEAK


def _is_idle(index: Index, workload: Ref) -> bool:
    """Its CPU was measured, and it has plenty left."""
    mine = [load for load in loads(index) if load.workload == workload and load.used is not None]
    return bool(mine) and all(load.share is None or load.share < _IDLE for load in mine)


def _alerts(index: Index) -> Iterator[tuple[Ref, Sign]]:
    found: dict[Ref, Evidence] = {}
    for alert in index.snapshot.alerts:
        if alert.state == "firing" and _ALERT.search(alert.name):
            found.update((ref, alert_evidence(alert, ref)) for ref in workloads_of(index, alert.labels))
    if len(found) == 1:
        yield from ((ref, Sign(FAIR, proof)) for ref, proof in found.items())


def _samples(index: Index) -> Iterator[tuple[Ref, Sign]]:
    """A metric of the network in which one workload's pods stand far above all others."""
    groups: dict[str, list[tuple[Pod, Sample]]] = defaultdict(list)
    for sample in index.snapshot.samples:
        pod = index.snapshot.get(Pod, sample.labels.get("namespace", ""), sample.labels.get("pod", ""))
        if pod and not pod.spec.host_network:
            groups[sample.name].append((pod, sample))
    for metric, items in sorted(groups.items()):
        ordered = sorted(sample.value for _, sample in items)
        usual = ordered[(len(ordered) - 1) // 2]
        bad = [
            (workload_of(index, pod), pod, sample.value)
            for pod, sample in items
            if stands_out(metric, sample.value, usual)
        ]
        measured = {workload_of(index, pod) for pod, _ in items}
        if len({ref for ref, _, _ in bad}) == 1 and len(measured) > 2:
            ref, pod, worst = max(bad, key=lambda entry: entry[2])
            text = f"{metric} {worst:g}, usually {usual:g}"
            yield ref, Sign(FAIR if _LOSSES.search(metric) else WEAK, Evidence(pod.ref, "metric", text))


def _narrow(index: Index) -> Iterator[tuple[Ref, Sign]]:
    """A bandwidth that somebody set on the pods, and slow answers."""
    for ref in late_signs(index):
        for pod in index.pods_by_workload.get(ref, ()):
            for key in _BANDWIDTH:
                try:
                    bits = value(pod.metadata.annotations.get(key, "0"))
                except QuantityError:
                    continue
                if 0 < bits < _NARROW and not is_finished(pod):
                    yield (
                        ref,
                        Sign(FAIR, state_evidence(pod, f"metadata.annotations[{key}]", pod.metadata.annotations[key])),
                    )
                    yield ref, Sign(FAIR, late_signs(index)[ref][0])


def _late_only(index: Index) -> Iterator[tuple[Ref, Sign]]:
    """One workload alone answers late and has CPU to spare: its network is one of the things to look at."""
    late = late_signs(index)
    if len(late) == 1:
        ref, proof = next(iter(late.items()))
        if _is_idle(index, ref):
            yield ref, Sign(UNMEASURED, proof[0])
