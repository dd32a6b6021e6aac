"""Readiness probe speaks another protocol than the port.

What: the pod never becomes ready because its probe speaks HTTP to a gRPC or TCP server, HTTPS to an HTTP one, or the reverse.

Why: the probe was copied from another service.

Bad:
    ports: [{containerPort: 6379, name: redis}]
    readinessProbe: {httpGet: {path: /, port: 6379}}

Good:
    readinessProbe: {tcpSocket: {port: 6379}}

Ignore when: the probe is about to be removed.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import planned_probe_causes
from seakeep.facts.probes.probe_repairs import in_its_protocol
from seakeep.facts.probes.probes import Trouble, probe_troubles
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in probe_troubles(index):
        if item.kind == "readiness" and item.trouble is Trouble.PROTOCOL:
            name = item.container.name if item.container else "main"
            yield Candidate(
                id="readiness-wrong-protocol",
                object=item.workload,
                summary=f"readiness probe of container {name} speaks another protocol than its port: {item.detail}",
                evidence=item.evidence,
                affects=(item.pod.ref,),
                repair=Repair(
                    f"Probe container {name} in the protocol of port {item.port}: grpc, tcpSocket, or httpGet with the right scheme.",
                    in_its_protocol(index, item.workload, name, item.kind, item.detail) if item.seen else None,
                ),
                confidence=PROVEN if item.sure and item.seen else LIKELY if item.seen else POSSIBLE,
            )
    yield from planned_probe_causes(
        index,
        ("readiness",),
        Trouble.PROTOCOL,
        "readiness-wrong-protocol",
        "Probe container {container} in the protocol of its port: grpc, tcpSocket, or httpGet with the right scheme.",
        in_its_protocol,
    )


CAUSE = CauseLeaf(
    id="readiness-wrong-protocol",
    title="Readiness probe speaks another protocol than the port",
    reads=(Pod,),
    find=find,
)
