"""What state a pod is in, in kubectl's words, and whether that is well."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import Container, ContainerStatus, Pod
from seakeep.model.objects.pods import ContainerState, PodSpec


def condition(pod: Pod, kind: str) -> str:
    """The status (`True`, `False`, `Unknown`) of a pod condition, "" where the pod has none of that type."""
    for item in pod.status.conditions:
        if item.type == kind:
            return item.status
    return ""


def is_ready(pod: Pod) -> bool:
    """Ready as a Service counts it: the Ready condition, or, where a table showed only the containers, all of them."""
    if pod.metadata.deletion_timestamp:
        return False
    known = condition(pod, "Ready")
    if known:
        return known == "True"
    statuses = pod.status.container_statuses
    return pod.status.phase == "Running" and bool(statuses) and all(status.ready for status in statuses)


def is_finished(pod: Pod) -> bool:
    """Succeeded, or the completed pod of a Job."""
    return pod.status.phase == "Succeeded"


def is_ended(pod: Pod) -> bool:
    """Succeeded or failed: nothing of it runs any more."""
    return pod.status.phase in {"Succeeded", "Failed"}


def is_sidecar(container: Container) -> bool:
    """An init container that keeps running (KEP-753)."""
    return container.restart_policy == "Always"


def containers(spec: PodSpec) -> Iterator[Container]:
    """Init containers, then containers."""
    yield from spec.init_containers
    yield from spec.containers


def statuses(pod: Pod) -> Iterator[ContainerStatus]:
    """Of init containers, then of containers."""
    yield from pod.status.init_container_statuses
    yield from pod.status.container_statuses


def container_named(pod: Pod, name: str) -> Container | None:
    return next((item for item in containers(pod.spec) if item.name == name), None)


def restarts(pod: Pod) -> int:
    return sum(status.restart_count for status in pod.status.container_statuses)


def status_column(pod: Pod) -> str:
    """The STATUS column of `kubectl get pods` (rules of kubectl's pod printer, printers/internalversion)."""
    reason = pod.status.reason or pod.status.phase or "Unknown"
    if any(item.type == "PodScheduled" and item.reason == "SchedulingGated" for item in pod.status.conditions):
        reason = "SchedulingGated"
    sidecars = {item.name for item in pod.spec.init_containers if is_sidecar(item)}
    initializing = False
    for position, status in enumerate(pod.status.init_container_statuses):
        state = status.state
        if state.terminated and state.terminated.exit_code == 0:
            continue
        if status.name in sidecars and (status.ready or state.running):
            continue
        if state.terminated:
            reason = "Init:" + _terminated_reason(state)
        elif state.waiting and state.waiting.reason and state.waiting.reason != "PodInitializing":
            reason = "Init:" + state.waiting.reason
        else:
            reason = f"Init:{position}/{len(pod.spec.init_containers) or len(pod.status.init_container_statuses)}"
        initializing = True
        break
    if not initializing:
        running = False
        for status in reversed(pod.status.container_statuses):
            state = status.state
            if state.waiting and state.waiting.reason:
                reason = state.waiting.reason
            elif state.terminated:
                reason = _terminated_reason(state)
            elif status.ready and state.running:
                running = True
        if reason == "Completed" and running:
            reason = "Running" if condition(pod, "Ready") == "True" else "NotReady"
    if pod.metadata.deletion_timestamp:
        return "Unknown" if pod.status.reason == "NodeLost" else "Terminating"
    return reason


def _terminated_reason(state: ContainerState) -> str:
    ended = state.terminated
    if ended is None:
        return ""
    if ended.reason:
        return ended.reason
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"


def waiting_reasons(pod: Pod) -> dict[str, str]:
    """Container name → waiting reason, init containers included."""
    return {status.name: status.state.waiting.reason for status in statuses(pod) if status.state.waiting}
