"""Containers that the kernel killed for their memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.containers.crashes import Crash, by_workload, crashes
from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import container_named, is_finished, statuses
from seakeep.facts.workloads.told_status import told_statuses
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# runc's and containerd's words when even the container's init process does not fit into its limit.
_SANDBOX = late(
    r"OOM-killed|oom-kill|memory limit too low|container init was OOM|exceed(?:s|ed) (?:the )?memory limit",
    re.IGNORECASE,
)
_REASON = late(r"(?:(?P<container>[a-z0-9-]+) container\b.{0,200})?\bReason: ?OOMKilled\b")
_PROBED = late(r"liveness|startup probe", re.IGNORECASE)
# A process that was killed longer ago than this, and runs since, has recovered.
_RECENT = timedelta(hours=1)


class MemoryKill(Struct, frozen=True):
    workload: Ref
    container: str
    limit: str
    pods: tuple[Ref, ...]
    evidence: tuple[Evidence, ...]
    sure: bool


@once
def memory_kills(index: Index) -> tuple[MemoryKill, ...]:
    """One entry per workload and container."""
    found: dict[tuple[Ref, str], MemoryKill] = {}
    for (workload, name), group in by_workload(crashes(index)).items():
        killed = [crash for crash in group if _by_memory(index, crash) and not _got_over(index, crash)]
        if killed:
            sure = any(_says_so(crash) for crash in killed)
            evidence = tuple(piece for crash in killed[:2] for piece in crash.evidence)
            pods = tuple(crash.pod.ref for crash in killed)
            found[workload, name] = MemoryKill(
                workload,
                name,
                _limit(killed[0].pod, name),
                pods,
                (*_limit_evidence(killed[0].pod, name), *evidence)[:6],
                sure,
            )
    for kill in (*_running_again(index), *_sandboxes(index)):
        found.setdefault((kill.workload, kill.container), kill)
    seen = {workload for workload, _ in found}
    found |= {(kill.workload, kill.container): kill for kill in _told(index) if kill.workload not in seen}
    return tuple(found[key] for key in sorted(found))


def _told(index: Index) -> Iterator[MemoryKill]:
    """By the status of what made the pods, which may be gone."""
    for item in told_statuses(index):
        if match := _REASON.search(item.line):
            name = match["container"] or item.resource.name
            yield MemoryKill(item.resource, name, "", (item.resource,), (item.evidence,), sure=True)


def _got_over(index: Index, crash: Crash) -> bool:
    """It has run since, for so long that why it is not ready must be something else."""
    ended = crash.ended
    return bool(crash.status.state.running and ended and not is_recent(index, ended.finished_at, _RECENT))


def _says_so(crash: Crash) -> bool:
    ended = crash.ended
    return bool(ended and (ended.reason == "OOMKilled" or _SANDBOX.search(ended.message))) or bool(
        _SANDBOX.search(crash.message)
    )


def _by_memory(index: Index, crash: Crash) -> bool:
    """OOMKilled, or SIGKILL under a limit without another killer: a failed probe or hook ends with 137 as well when the process ignores SIGTERM."""
    if _says_so(crash):
        return True
    if crash.pod.status.reason == "Evicted":
        return False  # the kubelet ended it, for another reason or to free the node
    if crash.exit_code != 137 or not _limit(crash.pod, crash.status.name):
        return False
    return not any(
        event.reason == "FailedPostStartHook"
        or (event.reason in {"Killing", "Unhealthy"} and _PROBED.search(event.text) is not None)
        for event in index.events_about(crash.pod.ref)
    )


def _running_again(index: Index) -> Iterator[MemoryKill]:
    """Up again, but killed lately: it will happen again."""
    for pod in index.pods:
        if is_finished(pod):
            continue
        for status in statuses(pod):
            ended = status.last_state.terminated
            if (
                (status.state.running or status.ready)
                and ended
                and ended.reason == "OOMKilled"
                and is_recent(index, ended.finished_at, _RECENT)
            ):
                evidence = (
                    Evidence(
                        pod.ref,
                        f"status.containerStatuses[{status.name}].lastState.terminated",
                        f"OOMKilled, {status.restart_count} restarts",
                        ended.finished_at,
                    ),
                )
                yield MemoryKill(
                    workload_of(index, pod),
                    status.name,
                    _limit(pod, status.name),
                    (pod.ref,),
                    (*_limit_evidence(pod, status.name), *evidence),
                    True,
                )


def _sandboxes(index: Index) -> Iterator[MemoryKill]:
    for event in index.events_with("FailedCreatePodSandBox", "Failed", "BackOff", "FailedStart"):
        pod = index.snapshot.get(Pod, event.about.namespace, event.about.name) if event.about.kind == "Pod" else None
        if (
            pod is None
            or not _SANDBOX.search(event.text)
            or is_finished(pod)
            or (all(status.ready for status in pod.status.container_statuses) and pod.status.container_statuses)
        ):
            continue
        name = pod.spec.containers[0].name if pod.spec.containers else "main"
        yield MemoryKill(
            workload_of(index, pod),
            name,
            _limit(pod, name),
            (pod.ref,),
            (event_evidence(index, event, current=True), *_limit_evidence(pod, name)),
            True,
        )


def _limit(pod: Pod, name: str) -> str:
    container = container_named(pod, name)
    return str(container.resources.limits.get("memory", "")) if container else ""


def _limit_evidence(pod: Pod, name: str) -> tuple[Evidence, ...]:
    limit = _limit(pod, name)
    return (Evidence(pod.ref, f"spec.containers[{name}].resources.limits.memory", limit),) if limit else ()
