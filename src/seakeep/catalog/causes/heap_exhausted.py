"""The application's heap is too small for its work.

What: a container ends, is not ready, or goes on while its requests fail, and its log says that its own runtime has no memory left: `java.lang.OutOfMemoryError: Java heap space`, `GC overhead limit exceeded`, `JavaScript heap out of memory`. The kernel did not kill it.

Why: -Xmx or --max-old-space-size was set for less data; without one the JVM takes a quarter of the memory limit, however large that is; or a leak.

Bad:
    env: [{name: JAVA_OPTS, value: -Xmx256m}]                        # under a limit of 2Gi

Good:
    env: [{name: JAVA_OPTS, value: -XX:MaxRAMPercentage=70}]

Ignore when: one request was too large, and the process is meant to end then.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.containers.crashes import Crash, by_workload, crashes
from seakeep.facts.containers.logs import is_of, lines_of, standing_lines
from seakeep.facts.index import Index
from seakeep.facts.resources.heap import heap_of
from seakeep.facts.resources.memory_kills import memory_kills
from seakeep.facts.workloads.podstate import container_named, is_ended
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Also as fields of a JSON log: `"error.type":"java.lang.OutOfMemoryError","error.message":"Java heap space"`.
_FULL = late(
    r"OutOfMemoryError(?:: |\W{1,6}(?:error\.)?message\W{1,5})(?:Java heap space|GC overhead limit exceeded|Metaspace|Compressed class space|(?:Cannot reserve \d+ bytes of )?[Dd]irect buffer)|JavaScript heap out of memory|Reached heap limit Allocation failed"
)


def find(index: Index) -> Iterable[Candidate]:
    killed = {(kill.workload, kill.container) for kill in memory_kills(index)}
    for key, group in by_workload(crashes(index)).items():
        if key in killed:
            continue
        for crash in group:
            if line := _last_word(index, crash):
                yield _candidate(crash, line, group)
                break
    yield from _going_on(index, {workload for workload, _ in (*by_workload(crashes(index)), *killed)})


def _going_on(index: Index, told: set[Ref]) -> Iterable[Candidate]:
    """A server whose requests fail for want of heap, and which stays up: among its last lines it says so."""
    for workload, pods in sorted(index.pods_by_workload.items()) if index.snapshot.logs else ():
        said = [
            (pod, line)
            for pod in pods
            if workload not in told and not is_ended(pod)
            if (line := next((line for line in standing_lines(index, pod) if _FULL.search(line[:2000])), ""))
        ]
        if said:
            yield Candidate(
                id="heap-exhausted",
                object=workload,
                summary=f"{said[0][0].name} runs, and has used up its heap: {said[0][1][:160]}",
                evidence=tuple(Evidence(pod.ref, "log", line[:300]) for pod, line in said[:3]),
                affects=tuple(pod.ref for pod, _ in said),
                repair=Repair(
                    f"Raise the heap of {workload.kind} {workload.name}, and its memory limit where that leaves no room; restart what has run out of it."
                ),
                confidence=LIKELY,
            )


def _last_word(index: Index, crash: Crash) -> str:
    lines = (line for container, _, line in lines_of(index, crash.pod) if is_of(crash.status.name, container))
    return next((line for line in reversed(list(lines)) if _FULL.search(line[:2000])), "")


def _candidate(crash: Crash, line: str, group: list[Crash]) -> Candidate:
    name, container = crash.status.name, container_named(crash.pod, crash.status.name)
    heap = heap_of(container) if container else None
    now = f" ({heap.text})" if heap else ""
    setting = Evidence(crash.pod.ref, heap.path, heap.text) if heap else None
    return Candidate(
        id="heap-exhausted",
        object=crash.workload,
        summary=f"container {name} has used up its heap{now}: {line[:160]}",
        evidence=(Evidence(crash.pod.ref, "log", line[:300]), *((setting,) if setting else ()), *crash.evidence[:2]),
        affects=tuple(item.pod.ref for item in group),
        repair=Repair(f"Raise the heap of container {name}{now}, and its memory limit where that leaves no room."),
        confidence=LIKELY,
    )


CAUSE = CauseLeaf(id="heap-exhausted", title="Heap is too small", reads=(Pod,), find=find)
