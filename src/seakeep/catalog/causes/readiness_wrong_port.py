"""Readiness probe asks a port that nothing serves.

What: the pod never becomes ready because its readiness probe is refused on a port that no container declares, or that changed with the last revision.

Why: a typing error in the probe, or the server moved to another port.

Bad:
    ports: [{containerPort: 8080}]
    readinessProbe: {tcpSocket: {port: 8081}}

Good:
    readinessProbe: {tcpSocket: {port: 8080}}

Ignore when: the probe is about to be removed.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import planned_probe_causes
from seakeep.facts.probes.probe_repairs import on_served_port
from seakeep.facts.probes.probes import Trouble, probe_troubles
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in probe_troubles(index):
        if item.kind == "readiness" and item.trouble is Trouble.PORT:
            name = item.container.name if item.container else "main"
            yield Candidate(
                id="readiness-wrong-port",
                object=item.workload,
                summary=f"readiness probe of container {name} asks port {item.port}, where nothing listens",
                evidence=item.evidence,
                affects=(item.pod.ref,),
                repair=Repair(
                    f"Set the readiness probe of container {name} to the port that it serves.",
                    on_served_port(index, item.workload, name, item.kind) if item.seen else None,
                ),
                confidence=PROVEN if item.sure and item.seen else LIKELY if item.seen else POSSIBLE,
            )
    yield from planned_probe_causes(
        index,
        ("readiness",),
        Trouble.PORT,
        "readiness-wrong-port",
        "Set the readiness probe of container {container} to the port that it serves.",
        on_served_port,
    )


CAUSE = CauseLeaf(
    id="readiness-wrong-port", title="Readiness probe asks a port that nothing serves", reads=(Pod,), find=find
)
