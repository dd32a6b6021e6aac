"""Probes against what their containers serve, and what the kubelet says of them."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import replica_sets_of, workload_of
from seakeep.facts.probes.exec_ports import exec_port
from seakeep.facts.probes.health_ports import answers_health
from seakeep.facts.probes.listening import listens_elsewhere
from seakeep.facts.routing.service_ports import mentioned
from seakeep.facts.workloads.podstate import is_finished, is_ready, restarts
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Container, Event, Pod, Probe
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_UNHEALTHY = late(
    r"^(?:\(combined from similar events\): )?(?P<probe>Liveness|Readiness|Startup) probe (?P<how>failed|errored|warning)[^:]*: ?(?P<text>.*)$",
    re.DOTALL,
)
# Where the report itself was not pasted.
_KILLED = late(r"Container \S+ failed (?P<probe>liveness|startup) probe, will be restarted")
_PROTOCOL = late(
    r"malformed HTTP|server gave HTTP response to HTTPS client|\bEOF\b|error reading server preface|http: server gave|first record does not look like a TLS handshake"
    r"|statuscode: (?:400|415|426|464|501|505)\b|unexpected EOF|service \S* ?unimplemented|not implement the grpc health|unknown service grpc\.health|frame too large|connection reset by peer|tls: |HTTP/1.x transport connection broken",
    re.IGNORECASE,
)
_REFUSED = late(
    r"connection refused|connect: (?:no route|invalid)|failed to connect service|:\d{2,5} - no response", re.IGNORECASE
)
_TIMEOUT = late(
    r"context deadline exceeded|Client\.Timeout|i/o timeout|timed out|timeout: (?:failed|health rpc)", re.IGNORECASE
)
_STATUS = late(r"statuscode: (?P<code>\d{3})")
# Ports whose servers speak neither HTTP nor gRPC (IANA and the projects' defaults).
_RAW_PORTS = {
    6379: "Redis",
    5432: "PostgreSQL",
    3306: "MySQL",
    9092: "Kafka",
    27017: "MongoDB",
    5672: "AMQP",
    2181: "ZooKeeper",
    11211: "memcached",
    6650: "Pulsar",
}
_RAW_NAMES = late(r"(?:^|-)(?:redis|postgres(?:ql)?|mysql|kafka|mongo(?:db)?|amqp|tcp)(?:-|$)", re.IGNORECASE)
_GRPC_NAMES = late(r"(?:^|-)grpc(?:-|$)", re.IGNORECASE)


class Trouble(StrEnum):
    PORT = "nothing listens there"
    PROTOCOL = "another protocol is spoken there"
    SLOW = "no answer in time"
    STATUS = "the application says no"
    OTHER = "it fails"


class ProbeTrouble(Struct, frozen=True):
    """A probe of a workload that fails, or that cannot succeed. `sure` where specification and message agree; `seen` where the kubelet reports it now."""

    kind: str  # liveness, readiness or startup
    trouble: Trouble
    workload: Ref
    pod: Pod
    container: Container | None
    probe: Probe | None
    port: int | str | None
    detail: str
    evidence: tuple[Evidence, ...]
    sure: bool
    seen: bool


@once
def probe_troubles(index: Index) -> tuple[ProbeTrouble, ...]:
    """From the kubelet's events on pods that are not ready or were restarted for it, checked against the specification; and from specifications that contradict themselves."""
    found: list[ProbeTrouble] = []
    for pod in index.pods:
        if is_finished(pod) or index.snapshot.depth(pod.ref) is Depth.NAMED:
            continue
        for kind in ("liveness", "startup", "readiness"):
            event = _event(index, pod, kind)
            found += _of_pod(index, pod, kind, event)
    return tuple(found)


def _event(index: Index, pod: Pod, kind: str) -> Event | None:
    """The newest report on this probe that still counts: of a pod that is not ready, or that is being restarted for it."""
    for event in index.events_about(pod.ref):
        match = _UNHEALTHY.match(event.text) if event.reason in {"Unhealthy", "ProbeWarning", "ProbeError"} else None
        if match and match["probe"].lower() == kind:
            if is_ready(pod) and not (kind != "readiness" and restarts(pod) and is_recent(index, event.last_seen)):
                return None
            # A probe that failed once or twice while the server came up is no fault.
            return event
    return _kill(index, pod, kind)


def _kill(index: Index, pod: Pod, kind: str) -> Event | None:
    """Of a pod of which events alone were shown: that its container was killed for the probe."""
    if index.snapshot.depth(pod.ref) >= Depth.DESCRIBED or not index.events_about(pod.ref):
        return None
    last = index.events_about(pod.ref)[0]
    match = _KILLED.match(last.text) if last.reason == "Killing" else None
    return last if match and match["probe"] == kind and is_recent(index, last.last_seen) else None


def _of_pod(index: Index, pod: Pod, kind: str, event: Event | None) -> list[ProbeTrouble]:
    found = []
    containers = pod.spec.containers
    for container in containers:
        probe = {
            "liveness": container.liveness_probe,
            "readiness": container.readiness_probe,
            "startup": container.startup_probe,
        }[kind]
        if probe is None or (event and len(containers) > 1 and not _names(event, container)):
            continue
        trouble = _judge(index, pod, kind, container, probe, event)
        if trouble:
            found.append(trouble)
    if event and not found and not any(_has(container, kind) for container in containers):
        found.append(_from_event_alone(index, pod, kind, event))
    return found


def _has(container: Container, kind: str) -> bool:
    return {
        "liveness": container.liveness_probe,
        "readiness": container.readiness_probe,
        "startup": container.startup_probe,
    }[kind] is not None


def _names(event: Event, container: Container) -> bool:
    path = event.involved_object.field_path if event.involved_object else ""
    return not path or container.name in path


def port_of(probe: Probe) -> int | str | None:
    """The probed port, by number or name; of a command the one that it is known to ask."""
    if probe.http_get:
        return probe.http_get.port
    if probe.tcp_socket:
        return probe.tcp_socket.port
    if probe.exec:
        return exec_port(probe.exec.command)
    return probe.grpc.port if probe.grpc else None


def resolved(container: Container, port: int | str | None) -> int | None:
    """A port's number; a name is looked up among the container's own ports (as the kubelet does)."""
    if isinstance(port, int):
        return port
    if port is not None and port.isdigit():
        return int(port)
    return next((item.container_port for item in container.ports if item.name == port), None)


def _is_set(index: Index, pod: Pod, number: int | None) -> bool:
    """Environment, arguments or mounted configuration name the number: the server may listen there without declaring it."""
    template = template_of(index, workload_of(index, pod))
    return template is not None and number is not None and mentioned(index, template, number)


def _shows_names(index: Index, pod: Pod, container: Container) -> bool:
    """`describe` prints the ports' names in some versions of kubectl only."""
    return index.snapshot.depth(pod.ref) is Depth.FULL or any(item.name for item in container.ports)


def _judge(
    index: Index, pod: Pod, kind: str, container: Container, probe: Probe, event: Event | None
) -> ProbeTrouble | None:
    port = port_of(probe)
    number = resolved(container, port)
    declared = {item.container_port for item in container.ports}
    told_in_event = _UNHEALTHY.match(event.text) if event else None
    text = told_in_event["text"].strip() if told_in_event else ""
    unserved = port is not None and (number is None or (bool(declared) and number not in declared))
    unserved = unserved and not answers_health(container, number) and not (probe.exec and _is_set(index, pod, number))
    if port is not None and number is None and not _shows_names(index, pod, container):
        # A name, from a description that shows ports without theirs: of one port it must be that one's.
        number, unserved = min(declared) if len(declared) == 1 else None, False
    changed = _before(index, workload_of(index, pod), container.name, kind)
    moved = changed is not None and port_of(changed) is not None and port_of(changed) != port
    mismatch = wrong_protocol(container, probe, number)
    trouble, sure, told = Trouble.OTHER, False, None
    if event:
        if _PROTOCOL.search(text) or (mismatch and not unserved):
            trouble, sure = (
                Trouble.PROTOCOL,
                bool(mismatch) or bool(_PROTOCOL.search(text) and not _STATUS.search(text)),
            )
        elif _REFUSED.search(text) or (unserved and _TIMEOUT.search(text)):
            # Refused on a declared port: the server is not up (yet), which is no fault of the probe, unless it tells that it listens elsewhere.
            told = None if unserved or moved else listens_elsewhere(index, pod, container, number)
            # A command asks what its server offers inside the pod: that need not be declared.
            sure = not told and probe.exec is None
            trouble, sure = (Trouble.PORT, sure) if unserved or moved or told else (Trouble.OTHER, False)
        elif _TIMEOUT.search(text):
            trouble, sure = Trouble.SLOW, True
        elif _STATUS.search(text):
            # 404 on a wrong port of the same container: another server answers there.
            trouble, sure = (Trouble.PORT, moved) if unserved or moved else (Trouble.STATUS, True)
    elif is_ready(pod) and kind != "liveness":
        return None
    elif unserved and declared and not (is_ready(pod) and not restarts(pod)):
        trouble, sure = Trouble.PORT, number is None
    elif mismatch and not is_ready(pod):
        trouble = Trouble.PROTOCOL
    else:
        return None
    evidence = [Evidence(pod.ref, "event", f"{event.reason}: {event.text}"[:300], event.last_seen)] if event else []
    where = f"spec.containers[{container.name}].{kind}Probe"
    described = f"port {port}" if port is not None else "exec"
    if declared and port is not None:
        described += f"; the container declares {', '.join(str(item) for item in sorted(declared))}"
    evidence.append(Evidence(pod.ref, where, described))
    evidence += [told] if told else []
    return ProbeTrouble(
        kind,
        trouble,
        workload_of(index, pod),
        pod,
        container,
        probe,
        port,
        mismatch or text[:200],
        tuple(evidence),
        sure,
        event is not None,
    )


def _from_event_alone(index: Index, pod: Pod, kind: str, event: Event) -> ProbeTrouble:
    """From a source that shows no probes: the message alone."""
    text = event.text
    trouble = (
        Trouble.PROTOCOL
        if _PROTOCOL.search(text)
        else Trouble.SLOW
        if _TIMEOUT.search(text)
        else Trouble.STATUS
        if _STATUS.search(text)
        else Trouble.OTHER
    )
    evidence = (Evidence(pod.ref, "event", f"{event.reason}: {text}"[:300], event.last_seen),)
    return ProbeTrouble(
        kind, trouble, workload_of(index, pod), pod, None, None, None, text[:200], evidence, False, True
    )


def wrong_protocol(container: Container, probe: Probe, number: int | None) -> str:
    """Why the probe's protocol cannot be what the port speaks, by the port's name or well-known number; "" where nothing says so."""
    name = next((item.name for item in container.ports if item.container_port == number), "")
    if probe.http_get:
        if _GRPC_NAMES.search(name):
            return f"an HTTP probe to port {number}, which is named {name}"
        if number in _RAW_PORTS and not name.startswith("http"):
            return f"an HTTP probe to port {number}, where {_RAW_PORTS[number]} speaks its own protocol"
        if _RAW_NAMES.search(name):
            return f"an HTTP probe to port {number}, which is named {name}"
    if probe.grpc and (name.startswith("http") or number in _RAW_PORTS):
        return f"a gRPC probe to port {number}, which is named {name or _RAW_PORTS.get(number or 0, '')}"
    return ""


def _before(index: Index, workload: Ref, container: str, kind: str) -> Probe | None:
    """The same probe in the revision before."""
    if workload.kind != "Deployment":
        return None
    revisions = replica_sets_of(index, workload)
    if len(revisions) < 2:
        return None
    previous = next((item for item in revisions[-2].spec.template.spec.containers if item.name == container), None)
    if previous is None:
        return None
    return {
        "liveness": previous.liveness_probe,
        "readiness": previous.readiness_probe,
        "startup": previous.startup_probe,
    }[kind]
