"""Rehearsals on the twin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.adapters.errors import SourceError
from seakeep.model.objects import Pod
from seakeep.model.snapshot import Snapshot
from seakeep.render.wire_types import Placement
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.profile import Verdict, judge


def schedule(snapshot: Snapshot) -> list[Placement]:
    """Each pending pod alone against the given state, by kube-scheduler's default profile. In order of namespace and name."""
    cluster = Cluster(snapshot)
    return [_placement(judge(cluster, pod)) for pod in snapshot.all(Pod) if is_pending(pod)]


def is_pending(pod: Pod) -> bool:
    """Waits for the scheduler."""
    return (
        not pod.spec.node_name
        and pod.metadata.deletion_timestamp is None
        and pod.status.phase not in {"Succeeded", "Failed"}
    )


def schedule_stream(lines: Iterable[bytes]) -> Iterator[list[Placement]]:
    """One answer per line that holds a v1 List as JSON. Raises SourceError, with the line's number, for anything else."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield schedule(_list(line, number))


class _Objects(msgspec.Struct):
    items: list[dict[str, object]]


def _list(line: bytes, number: int) -> Snapshot:
    assembly = Assembly(f"line {number}")
    try:
        for item in msgspec.json.decode(line, type=_Objects).items:
            assembly.add(from_mapping(item))
    except (msgspec.DecodeError, DecodeError, RecursionError) as error:
        raise SourceError(
            f"line {number} is no v1 List with objects", 'Write one JSON object a line: {"kind": "List", "items": […]}.'
        ) from error
    return assembly.snapshot()


def _placement(verdict: Verdict) -> Placement:
    total = verdict.total
    return Placement(
        pod=f"{verdict.pod.namespace}/{verdict.pod.name}",
        feasible=list(verdict.feasible),
        reasons={node: list(texts) for node, texts in sorted(verdict.reasons.items())},
        scores={
            node: {plugin: int(scores[position]) for plugin, scores in sorted(verdict.scores.items())}
            for position, node in enumerate(verdict.feasible)
        },
        total={node: int(total[position]) for position, node in enumerate(verdict.feasible)},
    )
