"""The probe that suits a container: as its service asks for it, where the container has that port, else a TCP connection to the port that traffic goes to."""

from __future__ import annotations

from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container
from seakeep.model.traits import Health

# Kubernetes' own one second is missed by any server that collects garbage; three misses in a row are no accident.
TIMINGS = {"periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3}


def handler(health: Health | None, container: Container, port: int | str | None) -> dict[str, Any] | None:
    """The probe's action. `port` is where traffic goes, None where that is not known."""
    if health is not None and _has(container, health.port):
        if health.command:
            return {"exec": {"command": list(health.command)}}
        if health.path:
            return {"httpGet": {"path": health.path, "port": health.port}}
        return {"tcpSocket": {"port": health.port}}
    return {"tcpSocket": {"port": port}} if port else None


def _has(container: Container, port: int | str) -> bool:
    return any(port in (item.container_port, item.name) for item in container.ports)


def traffic_port(index: Index, entry: Judged, container: Container) -> int | str | None:
    """The container's TCP port that a Service targets; else its only one, or its first."""
    ports = [item for item in container.ports if (item.protocol or "TCP") == "TCP"]
    for service in services_by_backend(index).get(entry.ref, ()):
        for item in service.spec.ports:
            target = item.target_port or item.port
            for port in ports:
                if target in (port.container_port, port.name):
                    return port.name or port.container_port
    return (ports[0].name or ports[0].container_port) if ports else None
