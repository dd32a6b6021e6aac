"""Two containers of one pod that want the same port: they share one network, so the second to start cannot listen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, islice

from msgspec import Struct

from seakeep.facts.containers.crashes import Crash, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import lines_of
from seakeep.facts.index import Index
from seakeep.facts.probes.probes import port_of, resolved
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.planned import planned
from seakeep.facts.workloads.podstate import is_sidecar
from seakeep.facts.workloads.templates import Template
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import Container, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_IN_USE = late(
    r"address (?:is )?already in use|EADDRINUSE|address in use\b|port (?:\d{2,5} )?(?:is|was) already (?:in use|allocated|being used)|only one usage of each socket address|(?:errno|error|failed \()\W{0,3}98\b",
    re.IGNORECASE,
)
# Not the minutes and seconds of a time.
_PORTS = late(
    r"(?:(?<!:\d)[\])\w*]:|(?:^|\s):|[Pp]ort[ =:]{1,3}|', ?|:::?|\blisten\w* (?:on )?)(?P<port>\d{2,5})\b(?!:\d\d\b)"
)
_SETTING = late(r"(?:^|[\s=:-])(?:[\w.-]*port[ =]|:)(?P<port>\d{2,5})(?=$|[\s/,])", re.IGNORECASE)
_PORT_NAME = late(r"(?:^|_)(?:PORT|LISTEN|LISTEN_ADDR(?:ESS)?|BIND|HTTP_ADDR)$")
# Exit codes of what was killed from outside, or never began.
_NOT_ITS_OWN = {0, 126, 127, 137, 143}


class Clash(Struct, frozen=True):
    """`container` cannot listen on `port` (0: not known) because of `other` ("": not known). `told` where its own log says so."""

    pod: Pod
    workload: Ref
    container: str
    other: str
    port: int
    told: bool
    evidence: tuple[Evidence, ...]


def clashes(index: Index) -> Iterator[Clash]:
    """From containers that end again and again beside others that keep running. On the host's network the port may be held by anything on the node."""
    return (item for item in _clashes(index) if item.other or not item.pod.spec.host_network)


def clash_candidate(item: Clash, cause: str) -> Candidate:
    who = f"container {item.container}" if item.container else item.workload.name
    verb = "cannot listen on" if item.told else "ends with an error and wants"
    port = f"port {item.port}" if item.port else "its port"
    holder = f"container {item.other} uses too" if item.other else "is in use, probably by another container of the pod"
    return Candidate(
        id=cause,
        object=item.workload,
        summary=f"{who} {verb} {port}, which {holder}",
        evidence=item.evidence,
        affects=(item.pod.ref,),
        repair=Repair(
            f"Let {who if item.container else 'it'} or {item.other or 'its neighbour'} listen on another port, and change the Service, the probes and the declared ports with it."
        ),
        confidence=_level(item),
        settled_by=_look_up(item),
    )


def _level(item: Clash) -> float:
    if item.told and item.pod.spec.containers:
        return PROVEN if item.other else LIKELY
    return POSSIBLE  # Where nothing of the pod was shown, it may as well use the node's network.


def _look_up(item: Clash) -> str:
    where = named(item.pod)
    if not item.told:
        return f"kubectl logs {where} -c {quote(item.container)} --previous"
    return "" if item.other else f"kubectl debug {where} --image=nicolaka/netshoot -- ss -ltnp"


def _clashes(index: Index) -> Iterator[Clash]:
    yield from _by_log_alone(index)
    for crash in crashes(index):
        beside = _beside(crash)
        if not crash.pod.spec.containers and crash.exit_code not in _NOT_ITS_OWN and (line := _said(index, crash)[0]):
            yield _told(crash, [], {}, line)
            continue
        if not beside or crash.exit_code in _NOT_ITS_OWN:
            continue
        spec = next((item for item in _lasting(crash.pod) if item.name == crash.status.name), None)
        mine = wanted_ports(spec) if spec else {}
        said, lines = _said(index, crash)
        if said:
            yield _told(crash, beside, mine, said)
        elif not lines:
            yield from _declared(crash, beside, mine)


def _by_log_alone(index: Index) -> Iterator[Clash]:
    """Of pods of which nothing but the log was shown."""
    for item in heard(index):
        if evidence := item.says(_IN_USE):
            named = [int(match["port"]) for match in _PORTS.finditer(evidence.value)]
            yield Clash(item.pod, item.workload, "", "", named[-1] if named else 0, True, (evidence,))


class PlannedClash(Struct, frozen=True):
    """Two containers of a planned pod that declare one port."""

    template: Template
    one: str
    other: str
    port: int


def planned_clashes(index: Index) -> Iterator[PlannedClash]:
    """The first of each template."""
    for item in planned(index):
        pairs = (
            PlannedClash(item, one.name, other.name, port.container_port)
            for one, other in combinations(item.serving, 2)
            for port in one.ports
            if any((port.container_port, port.protocol) == (each.container_port, each.protocol) for each in other.ports)
        )
        yield from islice(pairs, 1)


def _lasting(pod: Pod) -> list[Container]:
    return [*(item for item in pod.spec.init_containers if is_sidecar(item)), *pod.spec.containers]


def _beside(crash: Crash) -> list[Container]:
    if crash.init and not any(item.name == crash.status.name for item in _lasting(crash.pod)):
        return []
    return [item for item in _lasting(crash.pod) if item.name != crash.status.name]


def wanted_ports(container: Container) -> dict[int, str]:
    """Port → the field that names it: declared, probed, or set in arguments and environment."""
    found: dict[int, str] = {}
    for variable in container.env:
        text = variable.value.rpartition(":")[2]
        if _PORT_NAME.search(variable.name) and text.isdecimal() and len(text) <= 5:
            found[int(text)] = f"env {variable.name}"
    for match in _SETTING.finditer(" ".join((*container.command, *container.args))):
        found[int(match["port"])] = "args"
    for kind, probe in (("livenessProbe", container.liveness_probe), ("readinessProbe", container.readiness_probe)):
        number = resolved(container, port_of(probe)) if probe else None
        if number:
            found[number] = kind
    found.update((port.container_port, "ports") for port in container.ports if port.protocol == "TCP")
    return found


def _said(index: Index, crash: Crash) -> tuple[str, bool]:
    """The last line in which the container complains of a port in use; and whether it said anything at all."""
    lines = [line for name, _, line in lines_of(index, crash.pod) if name in {"", crash.status.name}]
    return next((line for line in reversed(lines) if _IN_USE.search(line[:2000])), ""), bool(lines)


def _told(crash: Crash, beside: list[Container], mine: dict[int, str], line: str) -> Clash:
    named = [int(match["port"]) for match in _PORTS.finditer(line[:2000])]
    for port in (*named, *sorted(mine)):
        for item in beside:
            field = wanted_ports(item).get(port)
            if field:
                proof = Evidence(crash.pod.ref, f"spec.containers[{item.name}].{field.replace(' ', '.')}", str(port))
                return _clash(crash, item.name, port, line, (proof,))
    return _clash(crash, "", named[-1] if named else 0, line, ())


def _clash(crash: Crash, other: str, port: int, line: str, proof: tuple[Evidence, ...]) -> Clash:
    log = (Evidence(crash.pod.ref, "log", line[:300]),) if line else ()
    evidence = (*log, *proof, *crash.evidence[:2])
    return Clash(crash.pod, crash.workload, crash.status.name, other, port, bool(line), evidence)


def _declared(crash: Crash, beside: list[Container], mine: dict[int, str]) -> Iterator[Clash]:
    """Without a log: both declare the port, and one of them ends with an error of its own while the other runs."""
    running = {status.name for status in crash.pod.status.container_statuses if status.state.running}
    for port, field in sorted(mine.items()):
        for item in beside:
            if (
                field == "ports"
                and item.name in running
                and wanted_ports(item).get(port) == "ports"
                and crash.exit_code
            ):
                proof = tuple(
                    Evidence(crash.pod.ref, f"spec.containers[{name}].ports", str(port))
                    for name in (crash.status.name, item.name)
                )
                yield _clash(crash, item.name, port, "", proof)
                return
