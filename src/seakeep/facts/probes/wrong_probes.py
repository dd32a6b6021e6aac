"""Probes that ask a port which nothing serves, or in a protocol that its server does not speak: seen by the kubelet, or in manifests."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import planned_probe_causes
from seakeep.facts.probes.probe_repairs import in_its_protocol, on_served_port
from seakeep.facts.probes.probes import ProbeTrouble, Trouble, probe_troubles
from seakeep.facts.probes.unheard_probes import unheard_probes
from seakeep.model.cause import Candidate, Repair
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN

_PROTOCOLS = "grpc, tcpSocket, or httpGet with the right scheme"


def wrong_ports(index: Index, cause: str, *kinds: str) -> Iterator[Candidate]:
    """`kinds` are liveness, readiness and startup."""
    for item, name in _seen(index, Trouble.PORT, kinds):
        change = on_served_port(index, item.workload, name, item.kind) if item.seen else None
        yield _candidate(
            item,
            cause,
            f"{item.kind} probe of container {name} asks port {item.port}, where nothing listens",
            Repair(f"Set the {item.kind} probe of container {name} to the port that it serves.", change),
        )
    repair = f"Set the {' or '.join(kinds)} probe of container {{container}} to the port that it serves."
    yield from planned_probe_causes(index, kinds, Trouble.PORT, cause, repair, on_served_port)
    yield from unheard_probes(index, kinds, cause)


def wrong_protocols(index: Index, cause: str, *kinds: str) -> Iterator[Candidate]:
    """`kinds` are liveness, readiness and startup."""
    for item, name in _seen(index, Trouble.PROTOCOL, kinds):
        change = in_its_protocol(index, item.workload, name, item.kind, item.detail) if item.seen else None
        yield _candidate(
            item,
            cause,
            f"{item.kind} probe of container {name} speaks another protocol than its port: {item.detail}",
            Repair(f"Probe container {name} in the protocol of port {item.port}: {_PROTOCOLS}.", change),
        )
    repair = f"Probe container {{container}} in the protocol of its port: {_PROTOCOLS}."
    yield from planned_probe_causes(index, kinds, Trouble.PROTOCOL, cause, repair, in_its_protocol)


def _seen(index: Index, trouble: Trouble, kinds: tuple[str, ...]) -> Iterator[tuple[ProbeTrouble, str]]:
    """With the container's name."""
    for item in probe_troubles(index):
        if item.kind in kinds and item.trouble is trouble:
            yield item, item.container.name if item.container else "main"


def _candidate(item: ProbeTrouble, cause: str, summary: str, repair: Repair) -> Candidate:
    return Candidate(
        id=cause,
        object=item.workload,
        summary=summary,
        evidence=item.evidence,
        affects=(item.pod.ref,),
        repair=repair,
        confidence=PROVEN if item.sure and item.seen else LIKELY if item.seen else POSSIBLE,
    )
