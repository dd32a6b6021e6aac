"""A Service's port has another protocol than its pods' port.

What: a Service offers UDP (or SCTP) where the container listens on TCP, or the reverse: connections time out while every pod is ready, and endpoints look right.

Why: the protocol was left out or copied from another port; it defaults to TCP.

Bad:
    ports: [{port: 7070, protocol: UDP}]     # containerPort: 7070, protocol: TCP

Good:
    ports: [{port: 7070, protocol: TCP}]

Ignore when: the container listens with both protocols and declares one.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.calls.calls import failed_calls_to
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.routing.service_ports import protocol_problems
from seakeep.facts.routing.service_repairs import respoken
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, Service


def find(index: Index) -> Iterable[Candidate]:
    for item in protocol_problems(index):
        name = item.service.name
        calls = failed_calls_to(index).get(item.service.ref, ())
        shown = (
            f"containerPort {item.number}/{item.spoken}"
            if item.certain
            else f"port {item.port.name or item.port.app_protocol} runs over TCP"
        )
        yield Candidate(
            id="service-protocol-mismatch",
            object=item.service.ref,
            summary=f"port {item.port.port} of Service {name} is {item.wanted}, but {item.workload.kind} {item.workload.name} serves {item.spoken} there ({shown})",
            evidence=(
                state_evidence(item.service, f"spec.ports[{item.port.port}].protocol", item.wanted),
                Evidence(item.workload, "spec.template.spec.containers[].ports", shown),
                *(call.evidence for call in calls[:3]),
            ),
            affects=(item.workload, *dict.fromkeys(call.origin for call in calls)),
            repair=Repair(
                f"Set the protocol of port {item.port.port} of Service {name} to {item.spoken}.", respoken(index, item)
            ),
            confidence=PROVEN if item.certain else LIKELY,
        )


CAUSE = CauseLeaf(
    id="service-protocol-mismatch", title="Service's protocol is not the pods'", reads=(Service, Pod), find=find
)
