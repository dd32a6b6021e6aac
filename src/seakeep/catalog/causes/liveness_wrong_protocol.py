"""Liveness probe speaks another protocol than the port.

What: the kubelet restarts the container because its probe speaks HTTP to a gRPC or TCP server, HTTPS to an HTTP one, or the reverse.

Why: the probe was copied from another service.

Bad:
    ports: [{containerPort: 50051, name: grpc}]
    livenessProbe: {httpGet: {path: /, port: 50051}}

Good:
    livenessProbe: {grpc: {port: 50051}}

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
    return wrong_protocols(index, "liveness-wrong-protocol", "liveness", "startup")


CAUSE = CauseLeaf(
    id="liveness-wrong-protocol", title="Liveness probe speaks another protocol than the port", reads=(Pod,), find=find
)
