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

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.wrong_probes import wrong_ports
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    return wrong_ports(index, "readiness-wrong-port", "readiness")


CAUSE = CauseLeaf(
    id="readiness-wrong-port", title="Readiness probe asks a port that nothing serves", reads=(Pod,), find=find
)
