"""Where a container says that it listens, or is told to."""

from __future__ import annotations

import re

from seakeep.facts.containers.logs import lines_of
from seakeep.facts.index import Index
from seakeep.facts.routing.nginx_ports import nginx_ports
from seakeep.model.cause import Evidence
from seakeep.model.objects import Container, Pod
from seakeep.model.pattern import late

_LISTENS = late(
    r"\b(?:listen(?:s|ing)?|serving|running) (?:on|at)\b|\b(?:server|service) (?:is )?(?:started|listening|running)|\blistening\b|started on port",
    re.IGNORECASE,
)
# A second server beside the one that is asked for its health.
_BESIDE = late(r"metric|prometheus|debug|pprof|admin|management|profil|jmx|gossip|cluster", re.IGNORECASE)
# Not the minutes of a time of day.
_PORT = late(
    r"(?:(?<![\d:])\d{1,3}(?:\.\d{1,3}){3}:|(?<!\d):|\bports?\W{1,4}(?:\w+ )?)(?P<port>\d{2,5})\b(?![:.]\d)",
    re.IGNORECASE,
)
_SETTING = late(r"^(?:HTTP_|SERVER_|APP_|LISTEN_)?PORT$")


def listens_elsewhere(index: Index, pod: Pod, container: Container, asked: int | None) -> Evidence | None:
    """The container's word that it listens, none of it on the port that is asked: its log's, else the variable that sets its port, else nginx' configuration."""
    said = [
        (line, {int(match["port"]) for match in _PORT.finditer(line)})
        for name, _, line in lines_of(index, pod)
        if name in {"", container.name} and _LISTENS.search(line[:1000]) and not _BESIDE.search(line[:1000])
    ]
    named = [(line, ports) for line, ports in said if ports]
    if asked is None or any(asked in ports for _, ports in named):
        return None
    if named:
        return Evidence(pod.ref, f"log of {container.name}", named[-1][0][:200])
    setting = next((item for item in container.env if _SETTING.search(item.name) and item.value.isdecimal()), None)
    if setting and int(setting.value) != asked:
        return Evidence(pod.ref, f"spec.containers[{container.name}].env.{setting.name}", setting.value)
    configured = nginx_ports(index, pod.namespace, pod.spec, container)
    if configured and asked not in configured:
        ports = ", ".join(map(str, sorted(configured)))
        return Evidence(pod.ref, f"configuration of {container.name}", f"listen {ports}")
    return None
