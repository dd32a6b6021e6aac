"""What a probe asks, in its API form; how long it is patient; and how long a container may take to start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.probes.probe_choice import handler
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.objects import Container, Pod, Probe
from seakeep.model.traits import Health

# Longer than this after its start, a pod was not starting when it became ready.
_STARTING = timedelta(minutes=30)
# The next start may be slower than those that were seen.
_SLACK = 1.5
# How often a start-up probe asks: often enough to lose little time.
_PERIOD = 10
_ANSWER = 5


# What is said of services of which nothing else is known: no ground to call a probe hasty.
_SOON = 60


class Start(Struct, frozen=True):
    """Seconds that a container may take until it serves, and how that is known."""

    seconds: int
    why: str


def action_of(probe: Probe) -> dict[str, Any]:
    if probe.http_get:
        get = probe.http_get
        found: dict[str, Any] = {"path": get.path or "/", "port": get.port}
        if get.scheme != "HTTP":
            found["scheme"] = get.scheme
        if get.host:
            found["host"] = get.host
        if get.http_headers:
            found["httpHeaders"] = [dict(header) for header in get.http_headers]
        return {"httpGet": found}
    if probe.tcp_socket:
        host = {"host": probe.tcp_socket.host} if probe.tcp_socket.host else {}
        return {"tcpSocket": {"port": probe.tcp_socket.port, **host}}
    if probe.grpc:
        service = {"service": probe.grpc.service} if probe.grpc.service else {}
        return {"grpc": {"port": probe.grpc.port, **service}}
    return {"exec": {"command": list(probe.exec.command)}} if probe.exec else {}


def persistence(probe: Probe) -> int:
    """Seconds from the first miss until the kubelet acts."""
    return probe.period_seconds * probe.failure_threshold


def patience(probe: Probe) -> int:
    """Seconds from the container's start until the kubelet acts, if nothing ever answers."""
    return probe.initial_delay_seconds + persistence(probe)


def start_of(index: Index, entry: Judged, container: Container) -> Start | None:
    """The longest that is known of: what its service may take, and what its pods took."""
    traits, found = index.traits.get(entry.ref), []
    for health in (traits.liveness, traits.readiness) if traits else ():
        if traits and health and health.starts_within > _SOON and is_asked(health, container):
            found.append(Start(health.starts_within, f"{traits.service} may take {health.starts_within} s to start"))
    took = max(_seen(index, entry, container), default=0) if container.readiness_probe else 0
    if took:
        found.append(Start(round(took * _SLACK), f"it took {took} s to become ready"))
    return max(found, key=lambda item: item.seconds, default=None)


def is_asked(health: Health, container: Container) -> bool:
    """Whether the container is the one that the service is asked at."""
    return handler(health, container, None) is not None


def _seen(index: Index, entry: Judged, container: Container) -> Iterator[int]:
    """Of pods that became ready once and stayed so: without a readiness probe they are ready at once."""
    for pod in index.pods_by_workload.get(entry.ref, ()):
        took = _took(pod, container.name) if not is_finished(pod) else None
        if took is not None and timedelta() < took < _STARTING:
            yield round(took.total_seconds())


def _took(pod: Pod, name: str) -> timedelta | None:
    status = next((item for item in pod.status.container_statuses if item.name == name), None)
    since = status.state.running.started_at if status and status.state.running else None
    ready = next((item for item in pod.status.conditions if item.type == "ContainersReady"), None)
    at = ready.last_transition_time if ready and ready.status == "True" else None
    return at - since if since and at and status and not status.restart_count else None


def start_up_probe(action: dict[str, Any], seconds: int) -> dict[str, Any]:
    """A probe that waits for so long. Liveness begins when it has succeeded."""
    tries = max(-(-seconds // _PERIOD), 3)
    return {**action, "periodSeconds": _PERIOD, "timeoutSeconds": _ANSWER, "failureThreshold": tries}
