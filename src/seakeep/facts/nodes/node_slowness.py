"""Signs that the network of one node is slow or loses packets: alerts, metrics and probe time-outs that gather on it and leave the others alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from seakeep.facts.calls.dependencies import consumers
from seakeep.facts.calls.slow_signs import late_probes, slow_alerts
from seakeep.facts.disruption.evictions import pressures
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK, Sign
from seakeep.facts.nodes.nodes import alert_evidence, node, node_at, node_names, node_of_alert, node_ref, nodes_of
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.scheduling.placement import amounts
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Sample

_NETWORK_ALERT = late(
    r"(?:node|host).{0,20}(?:network|interface|nic|bond|packet|latency|rtt|ping).{0,30}|(?:packet|network)_?(?:loss|latency|delay|drop|error)",
    re.IGNORECASE,
)
_NO_TROUBLE = late(r"saturat|throughput|bandwidth|conntrack|disk|exporter", re.IGNORECASE)
_ERRORS = late(r"network.*(?:err|drop|loss|retrans)|packet_?loss|tcp_?retrans", re.IGNORECASE)
_TIMES = late(r"(?:latency|rtt|ping|response_?time|duration|delay)", re.IGNORECASE)
_PARTS = late(r"_(?:bucket|count|sum|created)$")
_OTHER_TIMES = late(r"gc_|scrape|rule_|etcd|disk|fsync|sync_|workqueue|process|compaction|startup", re.IGNORECASE)
_VIRTUAL_DEVICE = late(r"^(?:lo|veth|cali|lxc|cni|docker|dummy|nodelocal)")
_LABELS = ("node", "nodename", "kubernetes_node", "node_name", "hostname", "instance")
_FEWEST_WORKLOADS = 2
_MANY_WORKLOADS = 3


@once
def slowness(index: Index) -> Mapping[str, tuple[Sign, ...]]:
    """By node. Every source speaks only where it tells one node from the others."""
    found: dict[str, list[Sign]] = defaultdict(list)
    for name, sign in (
        *_shaped(index),
        *_node_alerts(index),
        *_samples(index),
        *_pod_alerts(index),
        *_pod_samples(index),
        *_probes(index),
    ):
        found[name].append(sign)
    return {name: tuple(sorted(signs, key=lambda sign: -sign.level)) for name, signs in sorted(found.items())}


def _shaped(index: Index) -> Iterator[tuple[str, Sign]]:
    """Traffic control on the node itself says that it delays or drops."""
    for check in index.snapshot.checks:
        if check.origin.kind == "Node" and check.target == "tc" and "netem" in check.detail:
            text = f"tc qdisc: {check.detail[:240]}"
            yield check.origin.name, Sign(CERTAIN, Evidence(check.origin, "check", text, check.time, True))


def _node_alerts(index: Index) -> Iterator[tuple[str, Sign]]:
    found = [
        (name, alert)
        for alert in index.snapshot.alerts
        if alert.state == "firing" and _NETWORK_ALERT.search(alert.name) and not _NO_TROUBLE.search(alert.name)
        for name in [node_of_alert(index, alert)]
        if name and "pod" not in alert.labels
    ]
    named = {name for name, _ in found}
    if len(named) == 1 or len(named) * 2 < len(node_names(index)):
        for name, alert in found:
            yield name, Sign(FAIR, alert_evidence(alert, node_ref(name)))


def _samples(index: Index) -> Iterator[tuple[str, Sign]]:
    """One node's errors, drops or round trips stand far above those of every other."""
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    for sample in index.snapshot.samples:
        name = _node_of(index, sample)
        if name and "pod" not in sample.labels and not _VIRTUAL_DEVICE.match(sample.labels.get("device", "")):
            values = groups[sample.name]
            values[name] = max(values.get(name, 0.0), sample.value)
    for metric, values in sorted(groups.items()):
        worst = max(values, key=lambda name: (values[name], name))
        others = [value for name, value in values.items() if name != worst]
        if others and stands_out(metric, values[worst], max(others)):
            text = f"{metric} {values[worst]:g}, other nodes at most {max(others):g}"
            yield worst, Sign(FAIR, Evidence(node_ref(worst), "metric", text))


def _node_of(index: Index, sample: Sample) -> str:
    for label in _LABELS:
        value = sample.labels.get(label, "")
        name = node_at(index, value) or node_at(index, value.rpartition(":")[0])
        if name:
            return name
    return ""


def stands_out(metric: str, value: float, others: float) -> bool:
    """Counters have history; rates and ratios are of now. Times are taken as milliseconds where the name says so, else seconds."""
    if _PARTS.search(metric):
        return False
    if _ERRORS.search(metric):
        least, factor = (100.0, 20.0) if metric.endswith("_total") else (1.0, 10.0)
        if re.search(r"ratio|loss", metric):
            least = 0.01
        return value >= least and value >= factor * others
    if _TIMES.search(metric) and not _OTHER_TIMES.search(metric):
        return value >= (50.0 if re.search(r"_ms|milli", metric) else 0.05) and value >= 5 * others
    return False


def _pod_alerts(index: Index) -> Iterator[tuple[str, Sign]]:
    """Latency alerts of several workloads, which have in common that they run on one node, or call those that do."""
    by_workload = slow_alerts(index)
    for name in _gathered(index, by_workload):
        here = [ref for ref in by_workload if nodes_of(index, ref) == {name}]
        for ref in sorted(here)[:4]:
            level = FAIR if len(here) >= _MANY_WORKLOADS else WEAK
            yield name, Sign(level, alert_evidence(by_workload[ref], ref))


def _gathered(index: Index, affected: Iterable[Ref]) -> Iterator[str]:
    """The node that holds several affected workloads whole; all the others that are affected must call one of those, and other nodes must hold workloads that are not."""
    affected = set(affected)
    homes: dict[str, set[Ref]] = defaultdict(set)
    for ref in affected:
        nodes = nodes_of(index, ref)
        if len(nodes) == 1:
            homes[next(iter(nodes))].add(ref)
    for name, here in sorted(homes.items()):
        callers = {
            user
            for ref in here
            for service in services_by_backend(index).get(ref, ())
            for user in consumers(index).get(service.ref, ())
        }
        spared = {
            ref
            for ref, pods in index.pods_by_workload.items()
            if ref not in affected and name not in nodes_of(index, ref) and pods
        }
        if len(here) >= _FEWEST_WORKLOADS and affected - here <= callers and len(spared) >= _FEWEST_WORKLOADS:
            yield name


def _pod_samples(index: Index) -> Iterator[tuple[str, Sign]]:
    """Lost packets or slow answers of several workloads' pods on one node, and of no other."""
    groups: dict[str, list[tuple[Pod, float]]] = defaultdict(list)
    for sample in index.snapshot.samples:
        pod = index.snapshot.get(Pod, sample.labels.get("namespace", ""), sample.labels.get("pod", ""))
        if pod and pod.spec.node_name and not _PARTS.search(sample.name):
            groups[sample.name].append((pod, sample.value))
    for metric, values in sorted(groups.items()):
        ordered = sorted(value for _, value in values)
        usual = ordered[(len(ordered) - 1) // 2]
        bad = [(pod, value) for pod, value in values if stands_out(metric, value, usual)]
        worst = {workload_of(index, pod): (pod, value) for pod, value in bad}
        nodes = {pod.spec.node_name for pod, _ in bad}
        if len(nodes) != 1 or len(worst) < _FEWEST_WORKLOADS or not _elsewhere(values, nodes):
            continue
        name = next(iter(nodes))
        for _, (pod, value) in sorted(worst.items())[:3]:
            text = f"{metric} {value:g}, usually {usual:g}"
            yield name, Sign(FAIR if len(worst) >= _MANY_WORKLOADS else WEAK, Evidence(pod.ref, "metric", text))


def _elsewhere(values: list[tuple[Pod, float]], nodes: set[str]) -> bool:
    return any(pod.spec.node_name not in nodes for pod, _ in values)


def _probes(index: Index) -> Iterator[tuple[str, Sign]]:
    """Probes of several workloads time out, on one node only, and it has memory, disk and processors to spare as far as was seen."""
    late = late_probes(index)
    for name in _gathered(index, late):
        item = node(index, name)
        here = [ref for ref in sorted(late) if nodes_of(index, ref) == {name}]
        if len(here) >= _MANY_WORKLOADS and not (item and pressures(item)) and not _is_busy(index, name):
            for ref in here[:3]:
                yield name, Sign(WEAK, late[ref])


def _is_busy(index: Index, name: str) -> bool:
    item = node(index, name)
    if item is None:
        return False
    whole = amounts(item.status.allocatable or item.status.capacity).get("cpu", 0)
    return any(whole and usage.cpu >= 0.9 * whole for usage in index.usage_of(item))
