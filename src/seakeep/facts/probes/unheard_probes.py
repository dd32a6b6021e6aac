"""Probes of manifests on a declared port, where the server is told to listen elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import probes_of
from seakeep.facts.probes.probes import port_of, resolved
from seakeep.facts.probes.told_ports import Told, told_elsewhere
from seakeep.facts.workloads.planned import planned
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.confidence import LIKELY, POSSIBLE
from seakeep.model.objects import Container


def unheard_probes(index: Index, kinds: tuple[str, ...], cause: str) -> Iterator[Candidate]:
    """One per container, and by the cause of its readiness where it has that probe."""
    for item in planned(index):
        for container in item.spec.containers:
            asking = _asking(container)
            if asking is None or asking[0] not in kinds:
                continue
            kind, asked = asking
            told = told_elsewhere(index, item, container, asked)
            if told is None:
                continue
            name = f"container {container.name} of {item.ref.kind} {item.ref.name}"
            yield Candidate(
                id=cause,
                object=item.ref,
                summary=f"{kind} probe of {name} cannot succeed: it asks port {asked}, and {_shown(told)}",
                evidence=(
                    Evidence(told.at, told.path, told.said[:300]),
                    Evidence(item.item.ref, f"{item.path}.containers[{container.name}].{kind}Probe", f"port {asked}"),
                ),
                affects=(item.ref,),
                repair=Repair(
                    f"Let {name} listen on port {asked} of all addresses ({told.said})."
                    if told.loopback and told.port == asked
                    else f"Let {told.said} of {name} say {asked}, or move its port, its probes and what calls it to {told.port}."
                ),
                confidence=LIKELY if told.own else POSSIBLE,
                settled_by="" if told.own else f"Ask what container {container.name} listens on",
            )


def _asking(container: Container) -> tuple[str, int] | None:
    """The probe that tells most: readiness, then liveness, then startup. Of a command, and of one that asks another host, nothing is known."""
    probes = dict(probes_of(container))
    for kind in ("readiness", "liveness", "startup"):
        probe = probes.get(kind)
        if probe is None:
            continue
        host = (probe.http_get and probe.http_get.host) or (probe.tcp_socket and probe.tcp_socket.host)
        number = None if host or probe.exec else resolved(container, port_of(probe))
        return (kind, number) if number else None
    return None


def _shown(told: Told) -> str:
    where = f"{told.port} of its own pod only" if told.loopback else str(told.port)
    return f"{told.said} lets it listen on {where}"
