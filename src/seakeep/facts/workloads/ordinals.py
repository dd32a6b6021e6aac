"""StatefulSets with OrderedReady: a pod that never gets ready stops every pod after it, and its own replacement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready, restarts, status_column
from seakeep.model.cause import Evidence
from seakeep.model.objects import Node, Pod, StatefulSet
from seakeep.model.pattern import late

_REVISION = "controller-revision-hash"
_ORDINAL = late(r"-(\d+)$")


class Deadlock(Struct, frozen=True):
    """`pod` is the one that is waited for. `revisions` (its own, the wanted) differ where the template was changed since; `missing` ordinals were never created."""

    owner: StatefulSet
    pod: Pod
    state: str
    revisions: tuple[str, str] | None
    missing: tuple[int, ...]
    asked_for: Evidence | None = None  # the log's word on a pod that was never created


def deadlocks(index: Index) -> Iterator[Deadlock]:
    """A broken pod of an old revision, which a repaired template does not replace (kubernetes issue 67250, "forced rollback"), or a quorum that waits for pods that wait for it."""
    for owner in index.snapshot.all(StatefulSet):
        wanted = owner.spec.replicas if owner.spec.replicas is not None else 1
        if owner.spec.pod_management_policy == "Parallel" or not wanted:
            continue
        pods = sorted(
            ((_ordinal(pod), pod) for pod in index.pods_by_workload.get(owner.ref, ()) if _ordinal(pod) >= 0),
            key=lambda entry: entry[0],
        )
        broken = next((pod for _, pod in pods if not is_ready(pod) and not pod.metadata.deletion_timestamp), None)
        if broken is None or not _node_answers(index, broken):
            continue
        present = {ordinal for ordinal, _ in pods}
        missing = tuple(number for number in range(_ordinal(broken) + 1, wanted) if number not in present)
        revisions = _revisions(index, owner, broken)
        waits_for_peers = (
            bool(missing)
            and broken.status.phase == "Running"
            and status_column(broken) == "Running"
            and not restarts(broken)
        )
        if revisions or waits_for_peers:
            told = _asks_for(index, broken, [f"{owner.name}-{number}" for number in missing])
            yield Deadlock(owner, broken, status_column(broken), revisions, missing, told)


def _asks_for(index: Index, pod: Pod, peers: list[str]) -> Evidence | None:
    """The last line of its log that names one of them, within its last hundred."""
    for log in index.logs_of(pod):
        for line in reversed(log.text.splitlines()[-100:]):
            if any(re.search(rf"(?<![\w-]){re.escape(peer)}(?![\w-])", line) for peer in peers):
                return Evidence(pod.ref, "log", line.strip()[:300])
    return None


def _node_answers(index: Index, pod: Pod) -> bool:
    node = index.snapshot.get(Node, "", pod.spec.node_name)
    return node is None or not any(item.type == "Ready" and item.status != "True" for item in node.status.conditions)


def _ordinal(pod: Pod) -> int:
    match = _ORDINAL.search(pod.name)
    return int(match[1]) if match else -1


def _revisions(index: Index, owner: StatefulSet, pod: Pod) -> tuple[str, str] | None:
    """The pod's revision and the wanted one, where they differ and the update would replace this pod if it were ready."""
    has, wanted = pod.labels.get(_REVISION, ""), owner.status.update_revision or _of_siblings(index, owner, pod)
    strategy = owner.spec.update_strategy
    if strategy and strategy.type == "OnDelete":
        return None
    partition = strategy.rolling_update.partition if strategy and strategy.rolling_update else 0
    return (has, wanted) if has and wanted and has != wanted and _ordinal(pod) >= partition else None


def _of_siblings(index: Index, owner: StatefulSet, pod: Pod) -> str:
    """`describe` shows no revisions of a StatefulSet: the one of pods that are as its template says, where this pod is not."""
    if not _differs(owner, pod):
        return ""
    fitting = {
        each.labels.get(_REVISION, "")
        for each in index.pods_by_workload.get(owner.ref, ())
        if is_ready(each) and each.spec.containers and not _differs(owner, each)
    }
    return fitting.pop() if len(fitting) == 1 else ""


def _differs(owner: StatefulSet, pod: Pod) -> bool:
    """In an image, or in a variable that both give a value."""
    template = {item.name: item for item in owner.spec.template.spec.containers}
    for container in pod.spec.containers:
        if wanted := template.get(container.name):
            values = {item.name: item.value for item in wanted.env}
            if container.image and wanted.image and container.image != wanted.image:
                return True
            if any(item.value and values.get(item.name) and values[item.name] != item.value for item in container.env):
                return True
    return False
