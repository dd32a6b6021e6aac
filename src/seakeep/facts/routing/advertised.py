"""Addresses that brokers hand out to their clients (Kafka's advertised listeners): clients connect to these, whatever they were configured with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.call_text import outcome_in
from seakeep.facts.calls.calls import calls
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.containers.logs import standing_lines
from seakeep.facts.index import Index
from seakeep.facts.routing.addresses import environment_of, mounted_configs, resolve
from seakeep.facts.workloads.podstate import is_ended
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.cause import Evidence
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_VARIABLE = late(r"ADVERTISED_LISTENERS$|ADVERTISED_HOST(?:_?NAME)?$", re.IGNORECASE)
_PROPERTY = late(r"^[^\S\n]*advertised\.(?:listeners|host\.name)\s*=\s*(?P<value>\S+)", re.MULTILINE)
_FLAG = late(r"--advertise-kafka-addr[= ](?P<value>\S+)")
_ENTRY = late(r"(?:(?P<listener>[\w.-]+)://)?(?P<host>[A-Za-z0-9][\w.-]*)(?::(?P<port>\d{2,5}))?")
_LOOPBACK = late(r"localhost|127\.[\d.]+|0\.0\.0\.0", re.IGNORECASE)
_CONTROLLER = "CONTROLLER"
_SILENT = late(r"temporary failure|timed out|i/o timeout|EAI_AGAIN|SERVFAIL", re.IGNORECASE)


class Advertised(Struct, frozen=True):
    """`broker` tells its clients `host`, under `path`; `service` is the one that lacks, None for its clients' own machine. `users` are workloads that are configured with the broker's Service, `told` what clients say of the address."""

    broker: Ref
    host: str
    port: int
    path: str
    text: str
    service: Ref | None
    users: tuple[Ref, ...]
    told: tuple[Evidence, ...]


def misadvertised(index: Index) -> Iterator[Advertised]:
    """One per broker: an address of the clients' own machine where there is no other, or a Service that does not exist."""
    for template in known_templates(index):
        found = next(_wrong(index, template), None) if template.spec_known else None
        if found is not None:
            yield found


def _wrong(index: Index, template: Template) -> Iterator[Advertised]:
    for path, text in _settings(index, template):
        users = _users(index, template.ref)
        entries = [match for piece in text.split(",") if (match := _ENTRY.fullmatch(piece.strip()))]
        outer = [match for match in entries if (match["listener"] or "").upper() != _CONTROLLER]
        local = [match for match in outer if _LOOPBACK.fullmatch(match["host"])]
        if local and len(local) == len(text.split(",")):
            host, port = local[0]["host"], int(local[0]["port"] or 0)
            yield Advertised(template.ref, host, port, path, text, None, users, tuple(_own_machine(index, users, port)))
        for match in outer:
            service = resolve(index, match["host"], template.ref.namespace).service
            if match in local or service is None or index.snapshot.find(service) is not None:
                continue
            failed = [call for call in calls(index) if call.failed and call.service == service]
            # Where Services were not listed, a client that is told that nobody has the name is the proof.
            denied = any(call.outcome == "dns-failure" and not _SILENT.search(call.evidence.value) for call in failed)
            if denied or index.snapshot.is_absent(service):
                told = tuple(call.evidence for call in failed[:3])
                yield Advertised(template.ref, match["host"], int(match["port"] or 0), path, text, service, users, told)


def _users(index: Index, broker: Ref) -> tuple[Ref, ...]:
    return tuple(sorted({edge.consumer for edge in edges(index) if broker in edge.backends} - {broker}))


def _settings(index: Index, template: Template) -> Iterator[tuple[str, str]]:
    """(path, value); a value that the start script puts together is not known."""
    namespace = template.ref.namespace
    for container in template.spec.containers:
        for name, (value, _, path) in environment_of(index, namespace, template.ref, container).items():
            if _VARIABLE.search(name) and "$" not in value:
                yield path, value
        for match in _FLAG.finditer(" ".join((*container.command, *container.args))):
            if "$" not in match["value"]:
                yield f"spec.containers[{container.name}].args", match["value"]
        for config in mounted_configs(index, namespace, template.spec, container):
            for key, content in config.data.items():
                found = _PROPERTY.search(content) if "advertised." in content else None
                if found and "$" not in found["value"]:
                    yield f"ConfigMap {config.name}: {key}", found["value"]


def _own_machine(index: Index, users: tuple[Ref, ...], port: int) -> Iterator[Evidence]:
    """The newest line of each client that fails to reach the broker's port on its own machine."""
    address = re.compile(rf"(?:localhost|127\.0\.0\.1)(?:/[\d.]+)?:{port}\b")
    for user in users:
        for pod in index.pods_by_workload.get(user, ()):
            for line in () if is_ended(pod) else standing_lines(index, pod):
                if address.search(line[:2000]) and outcome_in(line[:2000]):
                    yield Evidence(pod.ref, "log", line[:300])
                    break
