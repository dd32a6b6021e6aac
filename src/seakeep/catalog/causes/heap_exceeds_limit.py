"""Java heap does not fit the memory limit.

What: -Xmx (or a Spark memory setting) is larger than nine tenths of limits.memory.

Why: the heap is only a part of the process: metaspace, threads and direct buffers come on top, and the kernel kills the process when the heap fills.

Bad:
    env: [{name: KAFKA_HEAP_OPTS, value: -Xmx2g}]
    resources: {limits: {memory: 2Gi}}

Good:
    env: [{name: KAFKA_HEAP_OPTS, value: -Xmx1400m}]
    resources: {limits: {memory: 2Gi}}

Ignore when: the heap never fills; then a smaller -Xmx costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from seakeep.contract.cause import LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.resources.heap import HeapSetting, carries_options, heap_in, heap_setting
from seakeep.facts.resources.memory_kills import memory_kills
from seakeep.facts.resources.memory_repairs import for_heap
from seakeep.facts.routing.addresses import environment_of, jvm_options, templates
from seakeep.facts.workloads.planned_parts import parts_within
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Container, Pod, PodSpec
from seakeep.model.quantity import format_bytes
from seakeep.model.refs import Ref

# More telling than the kill itself, which this explains.
CERTAIN = 0.97


def find(index: Index) -> Iterable[Candidate]:
    killed = {(kill.workload, kill.container): kill for kill in memory_kills(index)}
    for ref, spec in _specifications(index):
        for container in spec.containers:
            setting, holder = _setting(index, ref, spec, container)
            if setting is None or not setting.exceeds:
                continue
            kill = killed.get((ref, container.name))
            heap, limit = format_bytes(setting.heap), format_bytes(setting.limit)
            room = format_bytes(int(setting.heap / (1 - 0.25)))
            yield Candidate(
                id="heap-exceeds-limit",
                object=ref,
                summary=f"heap of {heap} ({setting.text}) leaves no room within the limit of {limit} of container {container.name}",
                evidence=(
                    Evidence(holder, setting.path, setting.text),
                    Evidence(ref, f"containers[{container.name}].resources.limits.memory", limit),
                    *(kill.evidence[:3] if kill else ()),
                ),
                affects=kill.pods if kill else (),
                repair=Repair(
                    f"Raise limits.memory of container {container.name} to about {room}, or lower its heap to three quarters of {limit}.",
                    for_heap(index, ref, container.name, setting) if kill or setting.heap >= setting.limit else None,
                ),
                confidence=CERTAIN if kill else LIKELY if setting.heap >= setting.limit else POSSIBLE,
            )


def _setting(index: Index, ref: Ref, spec: PodSpec, container: Container) -> tuple[HeapSetting | None, Ref]:
    """Where the container's own specification sets no heap, that of the ConfigMaps that it reads, and the object that holds it."""
    own = heap_setting(container)
    if own is not None or "memory" not in container.resources.limits:
        return own, ref
    read: list[tuple[str, Ref, str]] = []
    if container.env_from or any(entry.value_from for entry in container.env):
        found = environment_of(index, ref.namespace, ref, container)
        read = [entry for name, entry in found.items() if carries_options(name)]
    for text, holder, path in (*read, *jvm_options(index, ref.namespace, spec, container)):
        if setting := heap_in((text,), container):
            return replace(setting, path=path), holder
    return None, ref


def _specifications(index: Index) -> Iterator[tuple[Ref, PodSpec]]:
    """Templates, and of workloads whose pods were seen in parts only, those parts: a heap and a limit beside it say enough."""
    whole = {item.ref: spec for item, spec in templates(index)}
    yield from whole.items()
    yield from ((part.ref, part.spec) for part in parts_within(index))
    for ref, pods in sorted(index.pods_by_workload.items()):
        parts = next((pod.spec for pod in pods if pod.spec.containers), None)
        if ref not in whole and parts and ref.kind != "Job":
            yield ref, parts


CAUSE = CauseLeaf(id="heap-exceeds-limit", title="Java heap does not fit the memory limit", reads=(Pod,), find=find)
