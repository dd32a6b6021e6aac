"""Ports of Services that lead to no port of a container: by name, by number, by protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls, failed_calls_to
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.routing.nginx_ports import nginx_ports
from seakeep.facts.routing.routing import backends_of, services_by_backend
from seakeep.facts.workloads.drift import applied_service_ports
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import ConfigMap, Container, Probe, Service, ServicePort
from seakeep.model.objects.base import IntOrString
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_OWN_PORT = late(r"(?:^|\s)--?(?:http[-_.])?port[= ](\d{2,5})(?=\s|$)")


class Sureness(IntEnum):
    """What stands behind a port that no container declares: containers may listen on ports that they do not declare."""

    ODD = 0  # another port of the Service is served
    UNDECLARED = 1
    CONTRADICTED = 2  # probes, settings or the neighbours' habit name another port
    CERTAIN = 3  # a name that nobody has, a recorded other port, or a refused connection


class PortProblem(Struct, frozen=True):
    """`target` is where the Service sends, `right` the declared port that it could have meant (None where there are several or none). `why` says what contradicts it. `heard` where `declared` is what the server's configuration says."""

    service: Service
    port: ServicePort
    target: IntOrString
    template: Template
    declared: tuple[str, ...]
    right: int | None
    sureness: Sureness
    why: str
    calls: tuple[Call, ...]
    heard: bool = False


def targets_known(index: Index, service: Service) -> bool:
    """A table shows a Service's ports without their targets."""
    return index.snapshot.depth(service.ref) >= Depth.DESCRIBED


def target_of(index: Index, service: Service, port: ServicePort) -> IntOrString | None:
    """Where a port leads; from a table, what its only endpoint port says. None where that was not seen."""
    if targets_known(index, service) or port.target_port not in (None, "", 0):
        return port.port if port.target_port in (None, "", 0) else port.target_port
    endpoints = index.endpoints_of(service)
    numbers = {item.port for subset in (endpoints.subsets if endpoints else ()) for item in subset.ports}
    numbers |= {item.port for part in index.slices_of(service) for item in part.ports}
    return numbers.pop() if len(numbers) == 1 and len(service.spec.ports) == 1 else None


def numbers_of(template: Template) -> dict[int, str]:
    """Declared container port → its name."""
    return {port.container_port: port.name for container in template.serving for port in container.ports}


def names_of(template: Template) -> dict[str, int]:
    """Name of a declared port → its number. One number may have several names: DNS on UDP and TCP, a port that two containers declare."""
    return {port.name: port.container_port for container in template.serving for port in container.ports if port.name}


def number_of(template: Template, target: IntOrString) -> int:
    """The container port that a target means, 0 where none does."""
    if isinstance(target, int) or target.isdigit():
        return int(target)
    return names_of(template).get(target, 0)


@once
def port_problems(index: Index) -> tuple[PortProblem, ...]:
    return tuple(
        found
        for service in index.snapshot.all(Service)
        if service.spec.type != "ExternalName"
        for found in _of(index, service)
    )


def _of(index: Index, service: Service) -> Iterator[PortProblem]:
    templates = [item for item in backends_of(index, service) if item.spec_known]
    for port in service.spec.ports if templates else ():
        target = target_of(index, service, port)
        if target is None:
            continue
        if any(_serves(item, target) for item in templates) and not _has_no_port(index, service, target, templates):
            yield from _unanswered(index, service, port, target, templates)
            continue
        if not any(numbers_of(item) for item in templates) and str(target).isdigit():
            # Who declares no port at all may listen on any.
            if told := listening_as_told(templates[0]):
                yield from _unheard(index, service, port, int(target), templates[0], told)
            continue
        found = _judged(index, service, port, target, templates[0])
        if found:
            yield found


def _unanswered(
    index: Index, service: Service, port: ServicePort, target: IntOrString, templates: list[Template]
) -> Iterator[PortProblem]:
    """A port that is declared, while the configuration of the server behind it names others."""
    template, number = templates[0], number_of(templates[0], target)
    owners = [item for item in template.serving if any(part.container_port == number for part in item.ports)]
    if len(templates) > 1 or len(owners) != 1 or any(not item.ports for item in template.serving):
        return
    if template.ready and any(probe_port(owners[0], probe) == number for probe in _probes(owners[0])):
        return  # it answers there
    heard = nginx_ports(index, template.ref.namespace, template.spec, owners[0])
    if heard and number not in heard and not _works(index, service, port):
        failed, shown = _failed(index, service, port), tuple(str(item) for item in sorted(heard))
        refused = any(call.outcome in {"refused", "reset"} for call in failed) and template.ready
        sureness = Sureness.CERTAIN if refused else Sureness.CONTRADICTED
        why = "its nginx is configured to listen elsewhere, whatever the container declares"
        yield PortProblem(
            service, port, target, template, shown, min(heard) if len(heard) == 1 else None, sureness, why, failed, True
        )


def _unheard(
    index: Index, service: Service, port: ServicePort, target: int, template: Template, told: int
) -> Iterator[PortProblem]:
    if target == told or service.spec.cluster_ip == "None" or _mentions(index, template, target):
        return
    others = [(item, part) for item in services_by_backend(index).get(template.ref, ()) for part in item.spec.ports]
    # Who reaches that port by another Service, or another port of this, knows of a second one.
    if _works(index, service, port) or any(target_of(index, item, part) == told for item, part in others):
        return
    why = f"it is told to listen on {told}"
    calls = _failed(index, service, port)
    yield PortProblem(service, port, target, template, (), told, Sureness.CONTRADICTED, why, calls)


def listening_as_told(template: Template) -> int:
    """The one port that the only container's `--port` argument or PORT variable names, and its probes, where they ask any. 0 where it is not known."""
    if len(template.serving) != 1:
        return 0
    (container,) = template.serving
    words = " ".join((*container.command, *container.args))
    own = {int(match[1]) for match in _OWN_PORT.finditer(words)}
    own |= {int(item.value) for item in container.env if item.name == "PORT" and item.value.isdecimal()}
    asked = {probe_port(container, probe) for probe in _probes(container)} - {0}
    return min(own) if len(own) == 1 and asked <= own else 0


def _has_no_port(index: Index, service: Service, target: IntOrString, templates: list[Template]) -> bool:
    """A name that nobody has leaves endpoints without a port: seen so while pods are ready, whatever their ports are called."""
    if isinstance(target, int) or target.isdigit() or len(service.spec.ports) > 1:
        return False
    if any(target in names_of(item) for item in templates) or not any(item.ready for item in templates):
        return False
    endpoints = index.endpoints_of(service)
    return endpoints is not None and not any(subset.ports for subset in endpoints.subsets)


def _serves(template: Template, target: IntOrString) -> bool:
    if isinstance(target, int) or target.isdigit():
        return int(target) in numbers_of(template)
    declared = names_of(template)
    # `describe` of older versions shows no names of ports.
    return target in declared or not (template.full or declared)


def _judged(
    index: Index, service: Service, port: ServicePort, target: IntOrString, template: Template
) -> PortProblem | None:
    declared = numbers_of(template)
    shown = tuple(f"{number} ({name})" if name else str(number) for number, name in sorted(declared.items()))
    recorded = _recorded(service, port)
    if isinstance(target, str) and not target.isdigit():
        right = number_of(template, recorded) if recorded else _only(declared)
        return PortProblem(
            service, port, target, template, shown, right or None, Sureness.CERTAIN, "", _failed(index, service, port)
        )
    number = int(target)
    if service.spec.cluster_ip == "None" or _mentions(index, template, number) or _works(index, service, port):
        return None
    right = number_of(template, recorded) if recorded else _only(declared)
    failed = _failed(index, service, port)
    sureness, why = Sureness.UNDECLARED, ""
    if recorded and _serves(template, recorded) and str(recorded) != str(target):
        sureness, why = Sureness.CERTAIN, f"targetPort was {recorded} when it was last applied"
    elif any(call.outcome in {"refused", "reset"} for call in failed) and template.ready:
        sureness, why = Sureness.CERTAIN, "connections are refused while its pods are ready"
    elif probed := _probed(template, declared):
        sureness, why = Sureness.CONTRADICTED, f"its probes ask port {probed}"
        right = right or probed
    elif told := _told(template, declared):
        sureness, why = Sureness.CONTRADICTED, f"its settings name port {told}"
        right = right or told
    elif _disciplined(index, service):
        sureness, why = Sureness.CONTRADICTED, "the other Services of the namespace target declared ports only"
    if sureness < Sureness.CERTAIN and any(
        (other := target_of(index, service, item)) is not None and _serves(template, other)
        for item in service.spec.ports
    ):
        sureness = Sureness.ODD
    return PortProblem(service, port, target, template, shown, right or None, sureness, why, failed)


def _recorded(service: Service, port: ServicePort) -> IntOrString | None:
    for item in applied_service_ports(service):
        if item.get("port") == port.port:
            target = item.get("targetPort", port.port)
            return target if isinstance(target, int | str) else None
    return None


def _only(declared: Mapping[int, str]) -> int | None:
    return next(iter(declared)) if len(declared) == 1 else None


def _failed(index: Index, service: Service, port: ServicePort) -> tuple[Call, ...]:
    return tuple(call for call in failed_calls_to(index).get(service.ref, ()) if call.port in {0, port.port})


def _works(index: Index, service: Service, port: ServicePort) -> bool:
    return any(
        call.service == service.ref
        and call.port == port.port
        and call.outcome == "ok"
        and call.probe in {"tcp", "http"}
        for call in calls(index)
    )


def _probes(container: Container) -> Iterator[Probe]:
    yield from (item for item in (container.readiness_probe, container.liveness_probe, container.startup_probe) if item)


def probe_port(container: Container, probe: Probe) -> int:
    """The number of the port that a probe asks, 0 for commands and unknown names."""
    wanted: IntOrString = (
        probe.http_get.port
        if probe.http_get
        else probe.tcp_socket.port
        if probe.tcp_socket
        else probe.grpc.port
        if probe.grpc
        else 0
    )
    if isinstance(wanted, int) or wanted.isdigit():
        return int(wanted)
    return next((item.container_port for item in container.ports if item.name == wanted), 0)


def _probed(template: Template, declared: Mapping[int, str]) -> int:
    """The one declared port that the probes agree on."""
    asked = {probe_port(container, probe) for container in template.serving for probe in _probes(container)} - {0}
    return asked.pop() if len(asked) == 1 and asked <= set(declared) else 0


def _told(template: Template, declared: Mapping[int, str]) -> int:
    """The one declared port that a PORT variable or a --port argument names."""
    named = {int(value) for container in template.serving for value in _settings(container)}
    hits = named & set(declared)
    return hits.pop() if len(hits) == 1 else 0


def _settings(container: Container) -> Iterator[str]:
    for variable in container.env:
        if re.search(r"PORT$", variable.name, re.IGNORECASE) and re.fullmatch(r"\d{2,5}", variable.value):
            yield variable.value
    for match in re.finditer(
        r"(?:port|addr\w*|listen|bind)[= ]\S*?:?(\d{2,5})\b", " ".join((*container.command, *container.args))
    ):
        yield match[1]


def _mentions(index: Index, template: Template, number: int) -> bool:
    """The container's own probes or settings name the port: it listens there without declaring it."""
    asked = any(
        probe_port(container, probe) == number for container in template.serving for probe in _probes(container)
    )
    return asked or mentioned(index, template, number)


def mentioned(index: Index, template: Template, number: int) -> bool:
    """Variables, arguments or mounted configuration name the port as one to listen on: `PORT=8080`, `--web.port=8080`, `0.0.0.0:8080`, `PLAINTEXT://:8080`."""
    own = re.compile(
        rf"(?:^|[\s\"'=,/@\[])(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\*|\[?::\]?)?:{number}(?!\d)|(?:port|listen|bind|addr)\w*\W{{1,3}}{number}(?!\d)",
        re.IGNORECASE,
    )
    for container in template.serving:
        for variable in container.env:
            if (variable.value == str(number) and "PORT" in variable.name.upper()) or own.search(variable.value):
                return True
        if re.search(rf"(?<!\d){number}(?!\d)", " ".join((*container.command, *container.args))):
            return True
    names = {volume.config_map.name for volume in template.spec.volumes if volume.config_map}
    configs = (index.snapshot.get(ConfigMap, template.ref.namespace, name) for name in sorted(names))
    return any(own.search(text) for config in configs if config for text in config.data.values())


@once
def _habits(index: Index) -> Mapping[str, tuple[int, int]]:
    """Namespace → how many ports of Services with known backends target declared ports, and how many do not."""
    found: dict[str, list[int]] = {}
    for service in index.snapshot.all(Service):
        templates = (
            [item for item in backends_of(index, service) if item.spec_known and numbers_of(item)]
            if service.spec.selector
            else []
        )
        for port in service.spec.ports if templates else ():
            target = target_of(index, service, port)
            if target is not None:
                counts = found.setdefault(service.namespace, [0, 0])
                counts[0 if any(_serves(item, target) for item in templates) else 1] += 1
    return {namespace: (counts[0], counts[1]) for namespace, counts in found.items()}


def _disciplined(index: Index, service: Service) -> bool:
    good, bad = _habits(index).get(service.namespace, (0, 0))
    return good >= 3 and bad <= max(1, good // 10)


class ProtocolProblem(Struct, frozen=True):
    """`wanted` is the Service's protocol, `spoken` the container port's. `certain` where the container declares the very port with another protocol only."""

    service: Service
    port: ServicePort
    number: int
    wanted: str
    spoken: str
    workload: Ref
    certain: bool
    path: str


# Names and schemes of protocols that run over TCP.
_OVER_TCP = re.compile(r"^(?:tcp|https?2?|grpc|h2c|tls|mongo|mysql|redis|postgres\w*|kafka|amqp|thrift|web|ws)(?:-|$)")


# Where nobody expects an answer over TCP: name servers, DHCP, TFTP, NTP, SNMP, IKE, syslog, VPNs, overlays, SIP, tracing agents, statsd.
_OVER_UDP = frozenset(
    {53, 67, 68, 69, 123, 161, 162, 500, 514, 1194, 4500, 4789, 5060, 6081, 6831, 6832, 8125, 8472, 51820}
)


def _called_by_tcp(index: Index, service: Service, port: ServicePort) -> bool:
    """Somebody tried it over TCP, and was refused or got no answer."""
    return port.port not in _OVER_UDP and any(
        call.port == port.port and call.probe in {"tcp", "http"} for call in _failed(index, service, port)
    )


@once
def protocol_problems(index: Index) -> tuple[ProtocolProblem, ...]:
    return tuple(
        found
        for service in index.snapshot.all(Service)
        if service.spec.selector and service.spec.type != "ExternalName"
        for found in _protocols(index, service)
    )


def _protocols(index: Index, service: Service) -> Iterator[ProtocolProblem]:
    for port in service.spec.ports:
        twins = [item for item in service.spec.ports if item.port == port.port and item.protocol != port.protocol]
        if twins:
            continue  # a Service that offers both serves clients of either
        target = target_of(index, service, port) or port.port
        for template in backends_of(index, service):
            same = [
                item
                for container in template.serving
                for item in container.ports
                if (
                    item.name == target
                    if isinstance(target, str) and not target.isdigit()
                    else item.container_port == int(target)
                )
            ]
            if same:
                spoken = {item.protocol for item in same}
                if port.protocol not in spoken:
                    yield ProtocolProblem(
                        service,
                        port,
                        same[0].container_port,
                        port.protocol,
                        min(spoken),
                        template.ref,
                        True,
                        "spec.ports[].protocol",
                    )
                    break
            elif port.protocol != "TCP" and (
                _OVER_TCP.match(port.name) or _OVER_TCP.match(port.app_protocol) or _called_by_tcp(index, service, port)
            ):
                yield ProtocolProblem(
                    service, port, port.port, port.protocol, "TCP", template.ref, False, "spec.ports[].name"
                )
                break
