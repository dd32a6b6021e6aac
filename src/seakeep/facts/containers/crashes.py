"""Containers that end when they should run: how, how often, and what they said last."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.job_runs import is_outlived
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import ContainerStatus, Event, Pod
from seakeep.model.objects.pods import Terminated
from seakeep.model.refs import Ref

# Waiting reasons of a container that did not come up (kubelet container package, kuberuntime).
_START_FAILURES = {
    "CrashLoopBackOff",
    "RunContainerError",
    "CreateContainerError",
    "CreateContainerConfigError",
    "StartError",
    "ContainerCannotRun",
    "PostStartHookError",
}


class Crash(Struct, frozen=True):
    """One container that does not stay up. `ended` is its last end, None where it was not shown. `init` marks init containers. `reason` is what it waits for."""

    pod: Pod
    workload: Ref
    status: ContainerStatus
    init: bool
    reason: str
    message: str
    ended: Terminated | None

    @property
    def exit_code(self) -> int | None:
        return self.ended.exit_code if self.ended else None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        group = "initContainerStatuses" if self.init else "containerStatuses"
        path = f"status.{group}[{self.status.name}]"
        found = []
        if self.reason:
            found.append(Evidence(self.pod.ref, f"{path}.state.waiting", f"{self.reason} {self.message}".strip()[:300]))
        if self.ended:
            text = f"exit code {self.ended.exit_code} {self.ended.reason} {self.ended.message}".strip()
            found.append(Evidence(self.pod.ref, f"{path}.lastState.terminated", text[:300], self.ended.finished_at))
        if self.status.restart_count:
            found.append(Evidence(self.pod.ref, f"{path}.restartCount", str(self.status.restart_count)))
        return tuple(found)


@once
def crashes(index: Index) -> tuple[Crash, ...]:
    """Containers that wait to be started again, that ended with an error and stay so, or that are up again but not ready after one. Finished pods have none."""
    found: list[Crash] = []
    for pod in index.pods:
        if is_finished(pod) or pod.metadata.deletion_timestamp or is_outlived(index, pod):
            continue
        workload = workload_of(index, pod)
        for init, statuses in ((True, pod.status.init_container_statuses), (False, pod.status.container_statuses)):
            found += [crash for status in statuses if (crash := _crash(pod, workload, status, init=init))]
    return tuple(found)


def _crash(pod: Pod, workload: Ref, status: ContainerStatus, *, init: bool) -> Crash | None:
    state, last = status.state, status.last_state.terminated
    if state.waiting and (state.waiting.reason in _START_FAILURES or last is not None):
        return Crash(pod, workload, status, init, state.waiting.reason, state.waiting.message, last)
    if state.terminated and (
        state.terminated.exit_code != 0
        or state.terminated.reason in {"Error", "OOMKilled", "StartError", "ContainerCannotRun"}
    ):
        return Crash(pod, workload, status, init, "", "", state.terminated)
    if state.terminated and not init and status.restart_count and pod.spec.restart_policy == "Always":
        return Crash(pod, workload, status, init, "", "", state.terminated)
    if last is not None and not (state.waiting or state.running or state.terminated) and not status.ready:
        return Crash(pod, workload, status, init, "", "", last)  # how it is now was not shown
    if state.running and last is not None and not status.ready and status.restart_count:
        return Crash(pod, workload, status, init, "", "", last)
    return None


def by_workload(found: Iterator[Crash] | tuple[Crash, ...]) -> dict[tuple[Ref, str], list[Crash]]:
    """Grouped by workload and container name: replicas crash alike."""
    groups: dict[tuple[Ref, str], list[Crash]] = {}
    for crash in found:
        groups.setdefault((crash.workload, crash.status.name), []).append(crash)
    return groups


def pod_events(index: Index, pod: Pod, *reasons: str) -> list[Event]:
    return [event for event in index.events_about(pod.ref) if not reasons or event.reason in reasons]
