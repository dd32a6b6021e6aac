"""How many workers a container is told to run at once, against the CPU that it may use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.resources.cpu_loads import cpu_of
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import Container, Pod
from seakeep.model.pattern import late
from seakeep.model.quantity import format_cpu
from seakeep.model.refs import Ref

_FLAGS = late(
    r"(?:^|\s)(?:--(?:cpu|workers?|threads|processes|procs|concurrency|parallelism)(?:-count)?)[ =](?P<count>\d{1,4})(?=\s|$)"
)
# GOMAXPROCS and OMP_NUM_THREADS are the runtimes' own; WEB_CONCURRENCY is gunicorn's, uvicorn's and Puma's.
_VARIABLES = {"GOMAXPROCS", "OMP_NUM_THREADS", "WEB_CONCURRENCY"}
# Millicores per worker: a worker that gets 1 ms of CPU per 100 ms period answers nobody in time.
_NARROW = 10
_FUTILE = 1


class Crowd(Struct, frozen=True):
    """`limit` in millicores. `futile` where not even a thousandth of a CPU is left for each worker."""

    workload: Ref
    pods: tuple[Ref, ...]
    container: str
    workers: int
    limit: int
    futile: bool
    evidence: tuple[Evidence, ...]


@once
def crowds(index: Index) -> Mapping[Ref, Crowd]:
    """Workload → its container with the least CPU per worker. Batch work may take its time."""
    found: dict[Ref, Crowd] = {}
    for pod in index.pods:
        if is_finished(pod) or pod.spec.restart_policy not in {"", "Always"}:
            continue
        for container in pod.spec.containers:
            crowd = _of(pod, workload_of(index, pod), container)
            known = found.get(crowd.workload) if crowd else None
            if crowd and (known is None or crowd.limit * known.workers < known.limit * crowd.workers):
                found[crowd.workload] = crowd
    return found


def _of(pod: Pod, workload: Ref, container: Container) -> Crowd | None:
    limit, asked = cpu_of(container.resources.limits), _workers(container)
    if not limit or asked is None or limit >= _NARROW * asked[0] or asked[0] < 2:
        return None
    path = f"spec.containers[{container.name}]"
    told = Evidence(pod.ref, f"{path}.{asked[1]}", asked[2])
    limited = Evidence(pod.ref, f"{path}.resources.limits.cpu", format_cpu(limit))
    return Crowd(workload, (pod.ref,), container.name, asked[0], limit, limit < _FUTILE * asked[0], (told, limited))


def _workers(container: Container) -> tuple[int, str, str] | None:
    """(count, field, its text) of the largest demand."""
    line = " ".join((*container.command, *container.args))
    found = [(int(match["count"]), "command", match[0].strip()) for match in _FLAGS.finditer(line)]
    found += [
        (int(variable.value), "env", f"{variable.name}={variable.value}")
        for variable in container.env
        if variable.name in _VARIABLES and re.fullmatch(r"\d{1,4}", variable.value or "")
    ]
    return max(found, default=None)
