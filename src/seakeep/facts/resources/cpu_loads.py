"""How much CPU containers use of what they may, and how often the kernel makes them wait (CFS throttling)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from seakeep.facts.calls.slow_signs import SETTLED
from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import alert_evidence
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import Container, Pod, Workload
from seakeep.model.objects.base import Quantities
from seakeep.model.pattern import late
from seakeep.model.quantity import QuantityError, format_cpu, milli
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Sample

# Share of its limit from which a container does no more than wait for its next turn. Measurements average over 15 s or more.
FULL = 0.9
# The threshold of kube-prometheus' CPUThrottlingHigh.
THROTTLED = 0.25
_BATCH = {"Job", "CronJob"}
_USAGE = late(r"cpu_usage_(?:cores|seconds_total:sum_i?rate)|cpu_usage\w*rate")
_RATIO = late(r"throttl\w*_(?:ratio|percent|percentage)$")
_THROTTLED_PERIODS, _PERIODS = "container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total"
_PERCENT = late(r"(?P<percent>\d{1,3}(?:\.\d+)?) ?% throttling")
_ALERT = late(r"cpu_?throttl", re.IGNORECASE)


class Load(Struct, frozen=True):
    """Millicores of one container, or of a whole pod (`container` empty). `used` and `throttled` (0-1) are None where nobody measured them; `limit` is 0 where there is none or it was not seen; `young` while the container starts."""

    workload: Ref
    pod: Pod
    container: str
    limit: int
    used: int | None
    throttled: float | None
    evidence: tuple[Evidence, ...]
    young: bool = False

    @property
    def share(self) -> float | None:
        return self.used / self.limit if self.limit and self.used is not None else None


@once
def loads(index: Index) -> tuple[Load, ...]:
    """Of pods that run. Batch work is left out: it may use all that it gets."""
    found: list[Load] = []
    for pod in index.pods:
        workload = workload_of(index, pod)
        if (
            is_finished(pod)
            or pod.status.phase == "Failed"
            or _is_batch(pod, workload)
            or pod.metadata.deletion_timestamp
        ):
            continue
        found += _of_pod(index, pod, workload)
    return tuple(found)


def _is_batch(pod: Pod, workload: Ref) -> bool:
    return workload.kind in _BATCH or pod.spec.restart_policy != "Always"


def _of_pod(index: Index, pod: Pod, workload: Ref) -> Iterator[Load]:
    limits = limits_of(index, pod, workload)
    used = _used(index, pod)
    if len(limits) == 1 and used.keys() == {""}:
        used = dict.fromkeys(limits, used[""])
    elif len(limits) == len(used) == 1 and limits.keys() == {"#0"}:
        # The only container, whose name one of the two sources does not show.
        limits = dict.fromkeys(used, limits["#0"])
    started = {item.name: item.state.running.started_at for item in pod.status.container_statuses if item.state.running}
    for name in sorted({*limits, *used} - {""}):
        young = _is_young(index, started.get(name))
        yield _load(index, pod, workload, name, limits.get(name, 0), used.get(name), young=young)
    if "" in used and not used.keys() - {""}:
        whole = sum(limits.values()) if limits and all(limits.values()) else 0
        young = any(_is_young(index, time) for time in started.values())
        yield _load(index, pod, workload, "", whole, used[""], young=young)


def _load(index: Index, pod: Pod, workload: Ref, name: str, limit: int, used: int | None, *, young: bool) -> Load:
    throttled, proof = _throttling(index).get((pod.ref, name), (None, ()))
    evidence = list(proof)
    if used is not None:
        of = f" of its limit of {format_cpu(limit)}" if limit else ", without a limit"
        who = f"container {name}" if name else "the pod"
        evidence.insert(0, Evidence(pod.ref, "metric", f"{who} uses {format_cpu(used)} CPU{of}"))
    if limit and name:
        evidence.append(Evidence(pod.ref, f"spec.containers[{name}].resources.limits.cpu", format_cpu(limit)))
    return Load(workload, pod, name, limit, used, throttled, tuple(evidence), young)


def limits_of(index: Index, pod: Pod, workload: Ref) -> Mapping[str, int]:
    """Container → its CPU limit in millicores, 0 without one. From the pod, or from its workload's template where the pod's own containers were not seen."""
    seen: tuple[Container, ...] = tuple(item for item in pod.spec.containers if not item.name.startswith("#"))
    if not seen:
        item = index.snapshot.find(workload)
        seen = item.spec.template.spec.containers if isinstance(item, Workload) else ()
    running = {status.name: status.resources.limits for status in pod.status.container_statuses if status.resources}
    return {item.name: cpu_of(running.get(item.name) or item.resources.limits) for item in seen}


def cpu_of(amounts: Quantities) -> int:
    try:
        return milli(amounts.get("cpu", 0))
    except QuantityError:
        return 0


def _is_young(index: Index, started: datetime | None) -> bool:
    return started is not None and index.now - started < SETTLED


def _used(index: Index, pod: Pod) -> Mapping[str, int]:
    found = {usage.container: usage.cpu for usage in index.usage_of(pod)}
    for sample in _samples(index).get(pod.ref, ()):
        if _USAGE.search(sample.name) and sample.labels.get("container", "") != "POD":
            found.setdefault(sample.labels.get("container", ""), round(sample.value * 1000))
    return found


@once
def _samples(index: Index) -> Mapping[Ref, tuple[Sample, ...]]:
    """By pod, as far as they are recent and about CPU."""
    found: dict[Ref, list[Sample]] = defaultdict(list)
    for sample in index.snapshot.samples:
        if "cpu" in sample.name and is_recent(index, sample.time) and sample.labels.get("pod"):
            found[Ref("Pod", sample.labels.get("namespace", ""), sample.labels["pod"])].append(sample)
    return {ref: tuple(items) for ref, items in found.items()}


@once
def _throttling(index: Index) -> Mapping[tuple[Ref, str], tuple[float, tuple[Evidence, ...]]]:
    """(pod, container) → the share of periods in which it was made to wait."""
    found: dict[tuple[Ref, str], tuple[float, tuple[Evidence, ...]]] = {}
    for ref, samples in _samples(index).items():
        counts: dict[str, dict[str, float]] = defaultdict(dict)
        for sample in samples:
            name = sample.labels.get("container", "")
            counts[name][sample.name] = sample.value
            if _RATIO.search(sample.name):
                found[ref, name] = _measured(ref, sample.name, sample.value / (100 if sample.value > 1 else 1))
        for name, values in counts.items():
            if values.get(_PERIODS, 0) > 0 and _THROTTLED_PERIODS in values:
                ratio = values[_THROTTLED_PERIODS] / values[_PERIODS]
                found.setdefault((ref, name), _measured(ref, _THROTTLED_PERIODS, ratio))
    for alert in index.snapshot.alerts:
        if alert.state == "firing" and _ALERT.search(alert.name) and alert.labels.get("pod"):
            ref = Ref("Pod", alert.labels.get("namespace", ""), alert.labels["pod"])
            text = _PERCENT.search(" ".join(alert.annotations.values()))
            ratio = float(text["percent"]) / 100 if text else THROTTLED
            key = (ref, alert.labels.get("container", ""))
            known, proof = found.get(key, (0.0, ()))
            found[key] = (max(known, ratio), (*proof, alert_evidence(alert, ref)))
    return found


def _measured(ref: Ref, name: str, ratio: float) -> tuple[float, tuple[Evidence, ...]]:
    return ratio, (Evidence(ref, "metric", f"{name}: throttled in {ratio:.0%} of its periods"),)
