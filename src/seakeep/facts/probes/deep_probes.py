"""Liveness probes whose answer hangs on others: on a database, on another host, on everything that readiness asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.facts.index import Index
from seakeep.facts.routing.address_text import expanded, in_command, may_be_host
from seakeep.facts.routing.addresses import environment_of
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container, Probe

_HOST = re.compile(r"\[?[a-z0-9:](?:[a-z0-9.:-]*[a-z0-9:])?\.?\]?")
_WORD = re.compile(r"[a-z0-9]+")
# What paths call an answer that counts others in, whatever the server.
_DEEP = frozenset({"ready", "readyz", "readiness", "deep", "dependencies", "db", "database"})
# Health endpoints that include databases, brokers and disks unless a group narrows them: Spring Boot (actuator), Quarkus and MicroProfile.
_WHOLE = re.compile(r"(?:/actuator/health|/q/health)/?(?:\?.*)?$")
# A client's flags for the host of the server that it asks: psql, mysqladmin, redis-cli, mongosh, pg_isready.
_HOST_FLAG = re.compile(r"(?:^|\s)(?:--host[= ]|-h ?)(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)")


def asks_others(index: Index, entry: Judged, container: Container, probe: Probe) -> str:
    """How the probe depends on others, "" where nothing shows that it does."""
    if probe.http_get:
        path = probe.http_get.path.lower()
        if _is_elsewhere(entry, probe.http_get.host):
            return f"asks {probe.http_get.host} instead of the container"
        if _WHOLE.search(path):
            return f"asks {probe.http_get.path}, which fails with each database or broker behind it"
        deep = _DEEP & set(_WORD.findall(path.rstrip("/").rpartition("/")[2]))
        return f"asks {probe.http_get.path}, which says whether it can take work, not whether it lives" if deep else ""
    if probe.tcp_socket:
        host = probe.tcp_socket.host
        return f"asks {host} instead of the container" if _is_elsewhere(entry, host) else ""
    if probe.exec:
        host = next(_hosts(index, entry, container, " ".join(probe.exec.command)), "")
        return f"runs a command that asks {host}" if host else ""
    return ""


def _is_elsewhere(entry: Judged, host: str) -> bool:
    """Link-local addresses are the node's own, and so its network's pods'; what is still to be filled in is no host's name."""
    if entry.spec.host_network and host.startswith("169.254."):
        return False
    return bool(host) and may_be_host(host) and _HOST.fullmatch(host.lower()) is not None


def _hosts(index: Index, entry: Judged, container: Container, command: str) -> Iterator[str]:
    """Other hosts than the pod itself. What its own Service names may be the pod, and a variable that is not known may be its own address."""
    own = {service.name for service in services_by_backend(index).get(entry.ref, ())} | {entry.ref.name}
    known = environment_of(index, entry.ref.namespace, entry.ref, container)
    text = expanded(command, {name: value for name, (value, _, _) in known.items()}, in_shell=True)
    hosts = [named.host for named in in_command(text)]
    hosts += [match["host"] for match in _HOST_FLAG.finditer(text) if may_be_host(match["host"])]
    for host in hosts:
        if host.partition(".")[0] not in own and not host.isdigit():
            yield host
