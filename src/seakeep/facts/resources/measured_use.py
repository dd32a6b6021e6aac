"""What containers were measured to use: at one moment by `kubectl top`, over days by Prometheus or VictoriaMetrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.calls.slow_signs import SETTLED
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import is_finished, statuses
from seakeep.model.objects import Pod
from seakeep.model.quantity import QuantityError, format_bytes, format_cpu, value
from seakeep.model.refs import Ref

# Samples by name, as `adapters.evidence` asks for them: seven days' 95th percentile, highest value, and how long it was measured at all.
_CPU, _MEMORY, _SECONDS = "container_cpu_p95_7d_cores", "container_memory_max_7d_bytes", "container_measured_7d_seconds"
_CPU_NOW, _MEMORY_NOW = "container_cpu_usage_cores", "container_memory_working_set_bytes"
_NAMES = frozenset({_CPU, _MEMORY, _SECONDS, _CPU_NOW, _MEMORY_NOW})


class Use(Struct, frozen=True):
    """One container in all pods of its workload, the highest of each: millicores (the 95th percentile where `hours` of history were read) and bytes; None where nobody measured it.

    `killed_at` is the largest memory limit, in bytes, that it hit.
    """

    cpu: int | None = None
    memory: int | None = None
    hours: int = 0
    pods: int = 0
    killed_at: int = 0

    @property
    def text(self) -> str:
        parts = []
        if self.cpu is not None:
            parts.append(f"{format_cpu(self.cpu)} CPU{' (95th percentile)' if self.hours else ''}")
        if self.memory is not None:
            parts.append(f"up to {format_bytes(self.memory)}")
        since = f"in {self.hours} h of metrics" if self.hours else "when it was measured once"
        found = f"{' and '.join(parts)} {since}, the highest of {self.pods} pod{'s' if self.pods != 1 else ''}"
        return f"{found}, and was killed at a limit of {format_bytes(self.killed_at)}" if self.killed_at else found


class _Reading(Struct):
    cpu: float | None = None
    memory: int | None = None
    hours: int = 0


@once
def uses(index: Index) -> Mapping[tuple[Ref, str], Use]:
    """By workload and container; those that nobody measured are left out."""
    found: dict[tuple[Ref, str], Use] = {}
    if not index.snapshot.usage and not _samples(index):
        return found
    for ref, pods in sorted(index.pods_by_workload.items()):
        for pod in pods:
            for name, reading in _of_pod(index, pod) if not is_finished(pod) else ():
                old = found.get((ref, name), Use())
                found[ref, name] = Use(
                    _most(old.cpu, None if reading.cpu is None else round(reading.cpu)),
                    _most(old.memory, reading.memory),
                    max(old.hours, reading.hours),
                    old.pods + 1,
                    max(old.killed_at, _killed_at(pod, name)),
                )
    return found


def _most(one: int | None, two: int | None) -> int | None:
    return max((amount for amount in (one, two) if amount is not None), default=None)


def _of_pod(index: Index, pod: Pod) -> Iterator[tuple[str, _Reading]]:
    """What a pod does in its first minutes says little of what it needs: only its memory counts then."""
    names = [item.name for item in pod.spec.containers]
    readings: dict[str, _Reading] = {}
    for usage in index.usage_of(pod):
        name = usage.container or (names[0] if len(names) == 1 else "")
        readings[name] = _Reading(usage.cpu, usage.memory)
    for name, samples in _samples(index).get((pod.namespace, pod.name), {}).items():
        now = readings.setdefault(name, _Reading())
        cpu, memory = samples.get(_CPU, samples.get(_CPU_NOW)), samples.get(_MEMORY, samples.get(_MEMORY_NOW))
        now.cpu = now.cpu if cpu is None else cpu * 1000
        now.memory = now.memory if memory is None else max(round(memory), now.memory or 0)
        now.hours = int(samples.get(_SECONDS, 0) // 3600) if _CPU in samples or _MEMORY in samples else 0
    started = {item.name: item.state.running.started_at for item in statuses(pod) if item.state.running}
    for name in sorted(readings.keys() & set(names)):
        since = started.get(name)
        if since is not None and index.now - since < SETTLED and not readings[name].hours:
            readings[name].cpu = None
        yield name, readings[name]


def _killed_at(pod: Pod, name: str) -> int:
    ended = next((item.last_state.terminated for item in statuses(pod) if item.name == name), None)
    limit = next((item.resources.limits.get("memory") for item in pod.spec.containers if item.name == name), None)
    if ended is None or ended.reason != "OOMKilled" or limit is None:
        return 0
    try:
        return value(limit)
    except QuantityError:
        return 0


@once
def _samples(index: Index) -> Mapping[tuple[str, str], Mapping[str, Mapping[str, float]]]:
    """By pod, container and name."""
    found: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for sample in index.snapshot.samples:
        labels = sample.labels
        if sample.name in _NAMES and labels.get("pod") and labels.get("container", "POD") not in {"", "POD"}:
            of_pod = found.setdefault((labels.get("namespace", ""), labels["pod"]), {})
            of_pod.setdefault(labels["container"], {})[sample.name] = sample.value
    return found
