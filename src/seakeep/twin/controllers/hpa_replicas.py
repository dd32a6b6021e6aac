"""How many replicas a metric asks for. Source: pkg/controller/podautoscaler/{replica_calculator,metrics/utilization}.go. Amounts are in thousandths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from seakeep.facts.workloads.podstate import condition, is_sidecar
from seakeep.model.objects import Pod
from seakeep.model.quantity import QuantityError, milli

# --horizontal-pod-autoscaler-cpu-initialization-period and --horizontal-pod-autoscaler-initial-readiness-delay.
_CPU_START, _FIRST_READY = 300.0, 30.0
_TOLERANCE = 0.1


class MetricError(Exception):
    """No count can be computed; `reason` is the condition's."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


@dataclass(frozen=True, slots=True)
class Tolerance:
    down: float = _TOLERANCE
    up: float = _TOLERANCE

    def covers(self, ratio: float) -> bool:
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True, slots=True)
class Sorted:
    """Pods by what their metric is worth (`groupPods`)."""

    ready: int
    unready: frozenset[str]
    missing: frozenset[str]


def sort_pods(now: datetime, pods: Sequence[Pod], usage: Mapping[str, int], resource: str) -> Sorted:
    ready = 0
    unready: set[str] = set()
    missing: set[str] = set()
    for pod in pods:
        if pod.metadata.deletion_timestamp is not None or pod.status.phase == "Failed":
            continue
        if pod.status.phase == "Pending" or (resource == "cpu" and _is_fresh(now, pod)):
            (unready if pod.status.phase == "Pending" or pod.name in usage else missing).add(pod.name)
        elif pod.name not in usage:
            missing.add(pod.name)
        else:
            ready += 1
    return Sorted(ready, frozenset(unready), frozenset(missing))


def _is_fresh(now: datetime, pod: Pod) -> bool:
    """Its cpu is that of starting up."""
    ready = next((item for item in pod.status.conditions if item.type == "Ready"), None)
    started = pod.status.start_time
    if ready is None or started is None:
        return True
    if (now - started).total_seconds() < _CPU_START:
        return ready.status == "False"
    changed = ready.last_transition_time
    return ready.status == "False" and changed is not None and (changed - started).total_seconds() < _FIRST_READY


def by_utilization(
    now: datetime, current: int, target: int, usage: Mapping[str, int], pods: Sequence[Pod], asked: Callable[[], Mapping[str, int]], tolerance: Tolerance, resource: str,
) -> int:  # fmt: skip
    """Usage as a percentage of what is requested."""
    _check(now, usage, pods, resource)  # before the requests, as Kubernetes does
    requests = asked()
    fallback = {name: amount * max(100, target) // 100 for name, amount in requests.items()}

    def ratio(values: Mapping[str, int]) -> float:
        asked = sum(requests[name] for name in values if name in requests)
        if not asked:
            raise MetricError("FailedGetResourceMetric", "no metrics returned matched known pods")
        used = sum(value for name, value in values.items() if name in requests)
        return float(used * 100 // asked) / target

    return _scaled(now, current, usage, pods, ratio, fallback, tolerance, resource)


def by_average(
    now: datetime, current: int, target: int, usage: Mapping[str, int], pods: Sequence[Pod], tolerance: Tolerance, resource: str,
) -> int:  # fmt: skip
    """An average amount per pod."""
    fallback = {pod.name: target for pod in pods}

    def ratio(values: Mapping[str, int]) -> float:
        return float(sum(values.values()) // len(values)) / target

    return _scaled(now, current, usage, pods, ratio, fallback, tolerance, resource)


def measured(usage: Mapping[str, int], resource: str) -> None:
    """Raises MetricError where nothing is."""
    if not usage:
        text = f"unable to get metrics for resource {resource}: no metrics returned from resource metrics API"
        raise MetricError("FailedGetResourceMetric", text)


def _check(
    now: datetime, usage: Mapping[str, int], pods: Sequence[Pod], resource: str
) -> tuple[Sorted, dict[str, int]]:
    """The pods by what their metrics are worth, and the metrics that count."""
    if not pods:
        raise MetricError("FailedGetResourceMetric", "no pods returned by selector while calculating replica count")
    groups = sort_pods(now, pods, usage, resource)
    counted = {pod.name for pod in pods if pod.metadata.deletion_timestamp is None and pod.status.phase != "Failed"}
    values = {name: value for name, value in usage.items() if name in counted and name not in groups.unready}
    if not values:
        text = "did not receive metrics for targeted pods (pods might be unready)"
        raise MetricError("FailedGetResourceMetric", text)
    return groups, values


def _scaled(
    now: datetime, current: int, usage: Mapping[str, int], pods: Sequence[Pod], ratio: Callable[[Mapping[str, int]], float], fallback: Mapping[str, int], tolerance: Tolerance, resource: str,
) -> int:  # fmt: skip
    groups, values = _check(now, usage, pods, resource)
    first = ratio(values)
    up_with_unready = bool(groups.unready) and first > 1.0
    if not up_with_unready and not groups.missing:
        return current if tolerance.covers(first) else ceil(first * groups.ready)
    if first != 1.0:
        values |= {name: fallback.get(name, 0) if first < 1.0 else 0 for name in groups.missing}
    if up_with_unready:
        values |= dict.fromkeys(groups.unready, 0)
    second = ratio(values)
    if tolerance.covers(second) or (first < 1.0 < second) or (second < 1.0 < first):
        return current
    wanted = ceil(second * len(values))
    if (second < 1.0 and wanted > current) or (second > 1.0 and wanted < current):
        return current
    return wanted


def by_value(current: int, value: int, target: int, pods: Sequence[Pod], tolerance: Tolerance) -> int:
    """One value for all pods."""
    ratio = value / target
    if not current:
        return ceil(ratio)
    ready = sum(pod.status.phase == "Running" and condition(pod, "Ready") == "True" for pod in pods)
    return current if tolerance.covers(ratio) else ceil(ratio * ready)


def by_share(current: int, value: int, target: int, tolerance: Tolerance) -> int:
    """One value, divided by the replicas there are."""
    if current and tolerance.covers(value / (target * current)):
        return current
    return ceil(value / target)


def requested(pods: Sequence[Pod], resource: str, container: str) -> dict[str, int]:
    """Raises MetricError where a container requests nothing."""
    found: dict[str, int] = {}
    for pod in pods:
        if not container and resource in pod.spec.resources.requests:
            found[pod.name] = milli(pod.spec.resources.requests[resource])
            continue
        total = 0
        sidecars = (item for item in pod.spec.init_containers if is_sidecar(item))
        for item in (*pod.spec.containers, *sidecars):
            if container and item.name != container:
                continue
            try:
                total += milli(item.resources.requests[resource])
            except (KeyError, QuantityError):
                text = f"missing request for {resource} in container {item.name} of Pod {pod.name}"
                raise MetricError("FailedGetResourceMetric", text) from None
        found[pod.name] = total
    return found
