"""One container's life as its kubelet sees it: started, ready after its probes, ended, restarted after a back-off. Source: pkg/kubelet (kuberuntime, prober, container helpers)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from seakeep.model.objects import Container, ContainerStatus, Pod, Probe
from seakeep.model.objects.pods import ContainerState, Running, Terminated, Waiting
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.moments import after
from seakeep.twin.settings import Settings

# The first restart is made at once; then 10 s, doubled up to 5 minutes (kubelet `MaxContainerBackOff`).
_BACK_OFF, _LONGEST_BACK_OFF = 10.0, 300.0


class Fate(Struct, frozen=True):
    """What happens to a container while it runs: it ends after `ends` seconds (None: never) as told, and may become ready or not."""

    ends: float | None = None
    exit_code: int = 0
    reason: str = "Completed"
    message: str = ""
    ready: bool = True


class Turn(Struct, frozen=True):
    """The container's status now, and in how many seconds to look again (None: when something changes)."""

    status: ContainerStatus
    wait: float | None = None
    idle: bool = False


def begun(container: Container, pod: Pod) -> ContainerStatus:
    reason = "PodInitializing" if pod.spec.init_containers else "ContainerCreating"
    return ContainerStatus(
        name=container.name, image=container.image, state=ContainerState(waiting=Waiting(reason=reason))
    )


def refused(status: ContainerStatus, fault: Fault) -> Turn:
    """It never starts."""
    waiting = Waiting(reason=fault.reason, message=fault.message)
    return Turn(replace(status, ready=False, state=ContainerState(waiting=waiting)))


def turn(now: datetime, pod: Pod, container: Container, status: ContainerStatus, fate: Fate, up: float) -> Turn:
    """`up` is how long after its start it can be ready."""
    state = status.state
    if state.terminated is not None:
        if not restarts(pod, container, state.terminated.exit_code):
            return Turn(replace(status, ready=False))
        status = _backed_off(now, pod, replace(status, last_state=state))
        state = status.state
    if state.waiting is not None:
        if state.waiting.reason != "CrashLoopBackOff":
            return _running(now, pod, container, _started(now, status), fate, up)
        left = _until_restart(now, status)
        if left > 0:
            return Turn(status, left, idle=_endless(pod, container, status, fate))
        return _running(now, pod, container, _started(now, replace(status, restart_count=status.restart_count + 1)), fate, up)  # fmt: skip
    return _running(now, pod, container, status, fate, up)


def _running(now: datetime, pod: Pod, container: Container, status: ContainerStatus, fate: Fate, up: float) -> Turn:
    since = status.state.running.started_at if status.state.running else None
    age = (now - since).total_seconds() if since else float("inf")
    if fate.ends is not None and age >= fate.ends:
        ended = Terminated(
            exit_code=fate.exit_code, reason=fate.reason, message=fate.message, started_at=since, finished_at=now
        )
        status = replace(status, ready=False, state=ContainerState(terminated=ended))
        if not restarts(pod, container, fate.exit_code):
            return Turn(status)
        status = _backed_off(now, pod, replace(status, last_state=status.state))
        left = _until_restart(now, status)
        return Turn(status, max(left, 0.0), idle=_endless(pod, container, status, fate))
    ready = fate.ready and age >= up
    waits = [left for left in (fate.ends - age if fate.ends is not None else None,) if left is not None]
    if fate.ready and not ready:
        waits.append(up - age)
    return Turn(replace(status, ready=ready), min(waits, default=None), idle=_endless(pod, container, status, fate))


def _started(now: datetime, status: ContainerStatus) -> ContainerStatus:
    return replace(status, ready=False, state=ContainerState(running=Running(started_at=now)))


def restarts(pod: Pod, container: Container, code: int) -> bool:
    policy = container.restart_policy or pod.spec.restart_policy
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _endless(pod: Pod, container: Container, status: ContainerStatus, fate: Fate) -> bool:
    """It has ended before, will end again, and be started again whatever happens."""
    return (
        fate.ends is not None
        and status.restart_count > 0
        and (container.restart_policy or pod.spec.restart_policy) == "Always"
    )


def _backed_off(now: datetime, pod: Pod, status: ContainerStatus) -> ContainerStatus:
    last = status.last_state.terminated
    if last is not None and last.finished_at is None:
        status = replace(status, last_state=ContainerState(terminated=replace(last, finished_at=now)))
    text = (
        f"back-off {_duration(_pause(status.restart_count + 1))} restarting failed "
        f"container={status.name} pod={pod.name}_{pod.namespace}({pod.metadata.uid})"
    )
    waiting = Waiting(reason="CrashLoopBackOff", message=text)
    return replace(status, ready=False, state=ContainerState(waiting=waiting))


def _pause(restarts_made: int) -> float:
    """Before the restart after so many."""
    return 0.0 if restarts_made <= 0 else min(_BACK_OFF * 2.0 ** min(restarts_made - 1, 10), _LONGEST_BACK_OFF)


def _until_restart(now: datetime, status: ContainerStatus) -> float:
    last = status.last_state.terminated
    if last is None or last.finished_at is None:
        return 0.0
    return (after(last.finished_at, _pause(status.restart_count)) - now).total_seconds()


def _duration(seconds: float) -> str:
    """As Go prints it: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def ready_after(settings: Settings, container: Container) -> float:
    """Seconds from start to ready: when the start-up probe, then the readiness probe first find the application up."""
    up = settings.app_start
    if container.startup_probe is not None:
        up = _found(container.startup_probe, up)
    return _found(container.readiness_probe, up) if container.readiness_probe is not None else up


def killed_after(settings: Settings, container: Container, *, answers: bool) -> float | None:
    """When the start-up probe gives up on an application that takes longer, or the liveness probe on one that never answers."""
    probe = container.startup_probe
    if probe is not None and (not answers or settings.app_start > _patience(probe)):
        return _patience(probe)
    probe = container.liveness_probe
    if probe is None or container.startup_probe is not None:
        return None if probe is None or answers else _patience(probe)
    return _patience(probe) if not answers or settings.app_start > _patience(probe) else None


def _found(probe: Probe, up: float) -> float:
    """The first probe comes after the initial delay, then one every period; successes in a row are needed."""
    period = max(probe.period_seconds, 1)
    rounds = max(0, -(-(up - probe.initial_delay_seconds) // period))
    return float(probe.initial_delay_seconds + (rounds + probe.success_threshold - 1) * period)


def _patience(probe: Probe) -> float:
    return float(probe.initial_delay_seconds + max(probe.failure_threshold - 1, 0) * max(probe.period_seconds, 1))
