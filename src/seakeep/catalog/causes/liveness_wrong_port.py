"""Liveness probe asks a port that nothing serves.

What: the kubelet restarts the container because its liveness (or start-up) probe is refused on a port that no container of the pod declares, or that changed with the last revision.

Why: a typing error in the probe, or the server moved to another port.

Bad:
    ports: [{containerPort: 8080}]
    livenessProbe: {httpGet: {path: /healthz, port: 8081}}

Good:
    livenessProbe: {httpGet: {path: /healthz, port: 8080}}

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
        if item.kind in ("liveness", "startup") and item.trouble is Trouble.PORT:
            name = item.container.name if item.container else "main"
            yield Candidate(
                id="liveness-wrong-port",
                object=item.workload,
                summary=f"{item.kind} probe of container {name} asks port {item.port}, where nothing listens",
                evidence=item.evidence,
                affects=(item.pod.ref,),
                repair=Repair(
                    f"Set the {item.kind} probe of container {name} to the port that it serves.",
                    on_served_port(index, item.workload, name, item.kind) if item.seen else None,
                ),
                confidence=PROVEN if item.sure and item.seen else LIKELY if item.seen else POSSIBLE,
            )
    yield from planned_probe_causes(
        index,
        ("liveness", "startup"),
        Trouble.PORT,
        "liveness-wrong-port",
        "Set the liveness or startup probe of container {container} to the port that it serves.",
        on_served_port,
    )


CAUSE = CauseLeaf(
    id="liveness-wrong-port", title="Liveness probe asks a port that nothing serves", reads=(Pod,), find=find
)
