"""Pods that the twin places, with mixed constraints: `python -m benchmarks.scheduling [NODES [PODS [KINDS]]]`. Prints seconds of CPU, pods a second and peak memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable

from msgspec.structs import replace

from benchmarks import pods as made
from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import KubeObject, Pod
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.fill import fill
from seakeep.twin.state import State


def state(objects: Iterable[made.Object]) -> State:
    """What the twin knows before the first pod is placed."""
    found: dict[str, dict[tuple[str, str], KubeObject]] = {}
    for item in objects:
        decoded = from_mapping(item)
        found.setdefault(decoded.kind, {})[decoded.namespace, decoded.name] = decoded
    return State(found)


def pending(sample: made.Object, copies: int) -> list[Pod]:
    """Pods that are equal but for their names share the rest, as pods of one snapshot do."""
    found = from_mapping(sample)
    assert isinstance(found, Pod)
    return [replace(found, metadata=replace(found.metadata, name=f"{found.name}-{copy}")) for copy in range(copies)]


def main() -> None:
    nodes, pods, kinds = [int(text) for text in sys.argv[1:]] + [5_000, 150_000, 3_000][len(sys.argv) - 1 :]
    before = state(made.node(number) for number in range(nodes))
    waiting = [pod for sample in made.many(made.mixed, kinds, kinds) for pod in pending(sample, pods // kinds)]
    start = time.process_time()
    found = fill(Cluster(before), waiting)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(found)} pods of {kinds} kinds onto {nodes} nodes: {seconds:.1f} s of CPU, {len(found) / seconds:.0f} pods a second, "
        f"{sum(where < 0 for where in found)} fit nowhere, {memory:.0f} MB"
    )


if __name__ == "__main__":
    main()
