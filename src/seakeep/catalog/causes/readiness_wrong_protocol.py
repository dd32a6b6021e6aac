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

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.wrong_probes import wrong_protocols
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    return wrong_protocols(index, "readiness-wrong-protocol", "readiness")


CAUSE = CauseLeaf(
    id="readiness-wrong-protocol",
    title="Readiness probe speaks another protocol than the port",
    reads=(Pod,),
    find=find,
)
