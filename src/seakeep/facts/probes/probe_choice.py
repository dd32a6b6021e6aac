"""The probe that suits a container: as its service asks for it, where the container has that port, else a TCP connection to the port that traffic goes to."""

from __future__ import annotations

from typing import Any

from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.index import Index
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container
from seakeep.model.traits import Health

# Kubernetes' own one second is missed by any server that collects garbage; three misses in a row are no accident.
TIMINGS = {"periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3}


_PROXIES = frozenset({"envoy", "kube-rbac-proxy", "oauth-proxy", "oauth2-proxy", "proxyv2"})


def handler(health: Health | None, container: Container, port: int | str | None) -> dict[str, Any] | None:
    """The probe's action. `port` is where traffic goes, None where that is not known."""
    if health is not None and _has(container, health.port):
        if health.command:
            return {"exec": {"command": list(health.command)}}
        if health.path:
            scheme = {"scheme": "HTTPS"} if _speaks_tls(container, health.port) else {}
            return {"httpGet": {"path": health.path, "port": health.port, **scheme}}
        return {"tcpSocket": {"port": health.port}}
    return {"tcpSocket": {"port": port}} if port else None


def _has(container: Container, port: int | str) -> bool:
    """A proxy before the service has its port too, and asks who is there before it hands on."""
    declares = any(port in (item.container_port, item.name) for item in container.ports)
    return declares and parts_of(container.image).key.rpartition("/")[2] not in _PROXIES


def _speaks_tls(container: Container, port: int | str) -> bool:
    return any(port in (item.container_port, item.name) and "https" in item.name for item in container.ports)


def traffic_port(index: Index, entry: Judged, container: Container) -> int | str | None:
    """The container's TCP port that a Service targets; else its only one, or its first."""
    ports = [item for item in container.ports if (item.protocol or "TCP") == "TCP"]
    for service in services_by_backend(index).get(entry.ref, ()):
        for item in service.spec.ports:
            target = item.target_port or item.port
            for port in ports:
                if target in (port.container_port, port.name):
                    return port.name or port.container_port
    if ports:
        return ports[0].name or ports[0].container_port
    return _undeclared(index, entry) if not container.ports and len(entry.spec.containers) == 1 else None


def _undeclared(index: Index, entry: Judged) -> int | None:
    """Ports need not be declared: a Service's number is then that of the only container."""
    for service in services_by_backend(index).get(entry.ref, ()):
        for item in service.spec.ports:
            target = item.target_port or item.port
            if isinstance(target, int) and (item.protocol or "TCP") == "TCP":
                return target
    return None
