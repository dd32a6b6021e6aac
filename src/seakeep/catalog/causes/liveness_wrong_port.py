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

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.wrong_probes import wrong_ports
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    return wrong_ports(index, "liveness-wrong-port", "liveness", "startup")


CAUSE = CauseLeaf(
    id="liveness-wrong-port", title="Liveness probe asks a port that nothing serves", reads=(Pod,), find=find
)
