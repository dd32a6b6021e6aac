"""Every address that a workload's configuration names: environment, ConfigMaps, commands, wait loops of init containers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.podstate import is_sidecar
from seakeep.model.objects import ConfigMap, Container, CronJob, Job, KubeObject, PodSpec, Service, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,10}}\.?"
_URL = re.compile(
    rf"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.:-]{{1,30}})://(?:[^/@\s\"']{{1,200}}@)?(?P<hosts>{_HOST}(?::\d{{1,5}})?(?:,{_HOST}(?::\d{{1,5}})?){{0,20}})"
)
_PAIR = re.compile(rf"(?<![\w./@-])(?P<host>{_HOST}):(?P<port>\d{{2,5}})(?![\w.:])")
_BARE = re.compile(_HOST)
# Forms of waiting for something: nc -z host port, wait-for-it host:port, until nslookup host, redis-cli -h host, pg_isready -h host -p port.
_NETCAT = re.compile(rf"\bnc(?:at)?\s+(?:-\S+\s+){{0,4}}(?P<host>{_HOST})\s+(?P<port>\d{{2,5}})\b")
_LOOKUP = re.compile(rf"\b(?:nslookup|getent\s+hosts|dig(?:\s+\+\S+)?|ping(?:\s+-\S+(?:\s+\d+)?)*)\s+(?P<host>{_HOST})")
_DASH_H = re.compile(rf"(?:^|\s)(?:-h|--host)[ =](?P<host>{_HOST})(?:\s+(?:-p|--port)[ =](?P<port>\d{{2,5}}))?")
_ADDRESS_WORDS = re.compile(
    r"(?:^|[_.\-/])(?:hosts?|hostname|addr|addrs|address|addresses|ur[li]s?|servers?|endpoints?|brokers?|bootstrap|service|svc|connect|connection|dsn|nodes?|peers?|seeds?|backend|upstream|quorum|master|proxy|targets?|datasource|jdbc)(?:$|[_.\-0-9])",
    re.IGNORECASE,
)
_PORT_SUFFIX = re.compile(r"(?:_|\.|-)?port$", re.IGNORECASE)
_HOST_SUFFIX = re.compile(
    r"(?:_|\.|-)?(?:host|hostname|addr|address|server|service|name|service_host|url|endpoint)$", re.IGNORECASE
)
_EXPANSION = re.compile(r"\$\((\w+)\)")
_DEFAULT_PORT = {
    "http": 80,
    "https": 443,
    "redis": 6379,
    "rediss": 6379,
    "postgresql": 5432,
    "postgres": 5432,
    "mysql": 3306,
    "mongodb": 27017,
    "amqp": 5672,
    "grpc": 0,
}
_LOCAL = {"localhost", "0.0.0.0", "127.0.0.1", "::1", "host.docker.internal", "ip6-localhost"}  # noqa: S104 - recognised, not bound
_CONFIG_LINES = 4000


@dataclass(frozen=True, slots=True)
class Address:
    """`port` is 0 where none is named. `waits` is set for an init container's address. `at` is the object, `path` the field that names it, `text` its value."""

    host: str
    port: int
    scheme: str
    at: Ref
    path: str
    text: str
    container: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """`service` is the Service that the host means inside the cluster (whether it exists or not); None for hosts outside, pods and unknowns."""

    service: Ref | None
    external: bool = False


@once
def templates(index: Index) -> tuple[tuple[KubeObject, PodSpec], ...]:
    """Every workload with its pod's spec: the template, or for bare pods and operators' pods the pod's own. Finished Jobs are left out."""
    found: list[tuple[KubeObject, PodSpec]] = []
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"):
        for item in index.snapshot.of_kind(kind):
            spec = _template(item)
            if spec is not None and spec.containers:
                found.append((item, spec))
    seen = {item.ref for item, _ in found}
    for workload, pods in index.pods_by_workload.items():
        described = [pod for pod in pods if pod.spec.containers]
        if workload not in seen and described:
            owner = index.snapshot.find(workload) or described[0]
            found.append((owner, described[0].spec))
    return tuple(found)


def _template(item: KubeObject) -> PodSpec | None:
    if isinstance(item, Workload):
        return None if item.kind == "ReplicaSet" and item.metadata.owner_references else item.spec.template.spec
    if isinstance(item, Job):
        return None if item.metadata.owner_references else item.spec.template.spec
    return item.spec.job_template.spec.template.spec if isinstance(item, CronJob) else None


@once
def addresses(index: Index) -> Mapping[Ref, tuple[Address, ...]]:
    """Workload → the addresses that its configuration names, each host and port once per field."""
    return {item.ref: tuple(dict.fromkeys(_of(index, item, spec))) for item, spec in templates(index)}


def _of(index: Index, item: KubeObject, spec: PodSpec) -> Iterator[Address]:
    namespace = item.namespace
    for group, containers in (("initContainers", spec.init_containers), ("containers", spec.containers)):
        for container in containers:
            waits = group == "initContainers" and not is_sidecar(container)
            environment = _environment(index, namespace, item.ref, container)
            values = {name: value for name, (value, _, _) in environment.items()}
            for name, (value, at, path) in environment.items():
                for host, port, scheme in _in_value(name, _expanded(value, values), values):
                    yield Address(host, port, scheme, at, path, value[:200], container.name, waits)
            command = " ".join((*container.command, *container.args))
            for host, port, scheme in _in_command(_expanded(command, values), index, namespace):
                yield Address(
                    host,
                    port,
                    scheme,
                    item.ref,
                    f"spec.{group}[{container.name}].command",
                    command[:200],
                    container.name,
                    waits,
                )
            for mount in container.volume_mounts:
                volume = next((volume for volume in spec.volumes if volume.name == mount.name), None)
                if volume is None or volume.config_map is None:
                    continue
                config = index.snapshot.get(ConfigMap, namespace, volume.config_map.name)
                if config is not None:
                    yield from _in_config(index, config, container.name)


def _environment(index: Index, namespace: str, owner: Ref, container: Container) -> dict[str, tuple[str, Ref, str]]:
    """Variable → value, the object that holds it, and its path there. Secrets' values are never known."""
    found: dict[str, tuple[str, Ref, str]] = {}
    for source in container.env_from:
        config = index.snapshot.get(ConfigMap, namespace, source.config_map_ref.name) if source.config_map_ref else None
        for key, value in (config.data if config else {}).items():
            if config:
                found[source.prefix + key] = (value, config.ref, f"data.{key}")
    for variable in container.env:
        reference = variable.value_from.config_map_key_ref if variable.value_from else None
        if reference is not None:
            config = index.snapshot.get(ConfigMap, namespace, reference.name)
            if config and reference.key in config.data:
                found[variable.name] = (config.data[reference.key], config.ref, f"data.{reference.key}")
        elif variable.value_from is None:
            found[variable.name] = (variable.value, owner, f"env.{variable.name}")
    return found


def _expanded(text: str, values: Mapping[str, str]) -> str:
    return _EXPANSION.sub(lambda match: values.get(match[1], match[0]), text) if "$(" in text else text


def _in_value(name: str, value: str, values: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    text = value.strip()
    if not text or len(text) > 8000:
        return
    found = list(_in_text(text, bare_ports=bool(_ADDRESS_WORDS.search(name))))
    if found:
        yield from found
        return
    if _ADDRESS_WORDS.search(name) and not _PORT_SUFFIX.search(name):
        for piece in re.split(r"[,;\s]+", text):
            if (
                _BARE.fullmatch(piece)
                and _may_be_host(piece)
                and not piece.isdigit()
                and not re.search(r"(?:^|[_.-])(?:node|pod)_?name$", name, re.IGNORECASE)
            ):
                yield piece.rstrip("."), _port_beside(name, values), ""


def _port_beside(name: str, values: Mapping[str, str]) -> int:
    stem = _HOST_SUFFIX.sub("", name)
    for candidate in (
        f"{stem}_PORT",
        f"{stem}_SERVICE_PORT",
        f"{stem}.port",
        f"{stem}-port",
        f"{stem}PORT",
        f"{name}_PORT",
    ):
        port = values.get(candidate, "")
        if port.isdigit() and 0 < int(port) < 65536:
            return int(port)
    return 0


def _in_text(text: str, *, bare_ports: bool) -> Iterator[tuple[str, int, str]]:
    rest = text
    for match in _URL.finditer(text):
        scheme = match["scheme"].lower().removeprefix("jdbc:").rpartition("+")[0] or match[
            "scheme"
        ].lower().removeprefix("jdbc:")
        for piece in match["hosts"].split(","):
            host, _, port = piece.partition(":")
            if _may_be_host(host):
                yield host.rstrip("."), int(port) if port else _DEFAULT_PORT.get(scheme, 0), scheme
        rest = rest.replace(match[0], " ", 1)
    for match in _PAIR.finditer(rest):
        host, port = match["host"].rstrip("."), int(match["port"])
        if _may_be_host(host) and 0 < port < 65536 and (bare_ports or "." in host):
            yield host, port, ""


def _in_command(text: str, index: Index, namespace: str) -> Iterator[tuple[str, int, str]]:
    """Commands name addresses in wait loops and flags. A bare `word:digits` counts only where a Service of that name exists."""
    for pattern in (_NETCAT, _DASH_H, _LOOKUP):
        for match in pattern.finditer(text):
            port = match.groupdict().get("port")
            if _may_be_host(match["host"]) and not match["host"].isdigit():
                yield match["host"].rstrip("."), int(port) if port else 0, ""
    for host, port, scheme in _in_text(text, bare_ports=True):
        known = "." in host or scheme or index.snapshot.get(Service, namespace, host) is not None
        if known or re.search(
            rf"(?:wait|until|connect|address|addr|host|server|broker|bootstrap)[\w-]*[ =]+\S*{re.escape(host)}:", text
        ):
            yield host, port, scheme


def _in_config(index: Index, config: ConfigMap, container: str) -> Iterator[Address]:
    if index.snapshot.depth(config.ref) < Depth.DESCRIBED:
        return
    for key, text in sorted(config.data.items()):
        for number, row in enumerate(text.splitlines()[:_CONFIG_LINES], start=1):
            if row.lstrip().startswith(("#", "//", ";")) or len(row) > 4000:
                continue
            setting = re.split(r"[=:\s]", row.strip(), maxsplit=1)[0]
            for host, port, scheme in _in_text(
                row, bare_ports=bool(_ADDRESS_WORDS.search(setting)) or "connect" in row
            ):
                if "." in host or scheme or port:
                    yield Address(host, port, scheme, config.ref, f"data.{key}:{number}", row.strip()[:200], container)


def _may_be_host(host: str) -> bool:
    bare = host.rstrip(".").lower()
    if bare in _LOCAL or bare.startswith("127.") or len(bare) > 253 or "$" in bare:
        return False
    if bare.replace(".", "").isdigit():
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            return False
        return True
    return any(letter.isalpha() for letter in bare)


def resolve(index: Index, host: str, namespace: str) -> Resolved:
    """What a host name means to a pod in the namespace, by the search domains of cluster DNS (`NS.svc.cluster.local`, `svc.cluster.local`, `cluster.local`)."""
    if host.replace(".", "").isdigit():
        return Resolved(_by_cluster_ip(index).get(host), external=True)
    labels = host.lower().rstrip(".").split(".")
    for suffix in (["cluster", "local"], ["svc"]):
        if labels[-len(suffix) :] == suffix and len(labels) > len(suffix):
            labels = labels[: -len(suffix)]
    inside = host.lower().rstrip(".").endswith((".svc", ".cluster.local"))
    if len(labels) == 1:
        return Resolved(Ref("Service", namespace, labels[0]))
    if inside:
        return Resolved(Ref("Service", labels[-1], labels[-2]))
    if len(labels) == 2 and labels[1] in _namespaces(index):
        return Resolved(Ref("Service", labels[1], labels[0]))
    if len(labels) == 3 and labels[2] in _namespaces(index):
        return Resolved(Ref("Service", labels[2], labels[1]))
    if len(labels) == 2 and index.snapshot.get(Service, namespace, labels[1]) is not None:
        return Resolved(Ref("Service", namespace, labels[1]))  # pod-0.headless
    return Resolved(None, external=True)


@once
def _by_cluster_ip(index: Index) -> Mapping[str, Ref]:
    return {
        item.spec.cluster_ip: item.ref
        for item in index.snapshot.all(Service)
        if item.spec.cluster_ip not in {"", "None"}
    }


@once
def _namespaces(index: Index) -> frozenset[str]:
    named: Iterable[str] = (item.name for item in index.snapshot.of_kind("Namespace"))
    used = (namespace for group in index.snapshot.objects.values() for namespace, _ in group)
    return frozenset({*named, *used} - {""})
