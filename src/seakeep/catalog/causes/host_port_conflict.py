"""The host port that the pod asks for is taken on every node.

What: the scheduler refused the pod with "didn't have free ports for the requested pod ports".

Why: hostPort (or hostNetwork) allows one such pod per node: more replicas than nodes, a rolling update that surges, or another workload with the same port.

Bad:
    ports: [{containerPort: 80, hostPort: 80}]     # 3 replicas on 2 nodes

Good:
    a Service of type NodePort or LoadBalancer, and no hostPort

Ignore when: it is a rolling update that ends the old pod first.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.host_port_repairs import without_host_ports
from seakeep.facts.scheduling.host_port_rivals import rivals
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.placement import host_ports, nodes_seen, port_holders
from seakeep.facts.scheduling.scheduling import placement_candidate, unplaced
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        confidence = item.confidence(Refusal.PORTS)
        if not confidence:
            continue
        spec = item.spec
        ports = ", ".join(str(port) for _, port in sorted(host_ports(spec))) if spec else ""
        holders = [pod for node in nodes_seen(index) for pod in port_holders(index, spec, node)] if spec else []
        held = (
            f": {', '.join(sorted({f'{pod.namespace}/{pod.name}' for pod in holders})[:4])} hold it" if holders else ""
        )
        who = f"{item.workload.kind} {item.workload.name}"
        yield placement_candidate(
            item,
            "host-port-conflict",
            confidence,
            f"host port {ports or 'of the pod'} of {who} is taken on every node that is left{held}",
            f"Remove hostPort {ports} from {who} and expose it by a Service, or run at most one such pod per node.",
            tuple(
                state_evidence(pod, "spec.containers[].ports[].hostPort", min(host_ports(pod.spec))[1])
                for pod in holders[:3]
            ),
            change=without_host_ports(index, item.workload),
        )
    seen = {item.workload for item in unplaced(index)}
    for pair in rivals(index):
        if pair.late not in seen:
            yield Candidate(
                id="host-port-conflict",
                object=pair.late,
                summary=f"DaemonSets {pair.first.name} and {pair.late.name} both want host port {pair.port} of every node",
                evidence=tuple(
                    Evidence(ref, "spec.template.spec.containers[].ports[].hostPort", str(pair.port))
                    for ref in (pair.late, pair.first)
                ),
                affects=(pair.first,),
                repair=Repair(
                    f"Give {pair.late.name} another host port, or leave hostPort out and expose it by a Service."
                ),
                confidence=LIKELY,
            )
    yield from refused_by_kubelet(index, Refusal.PORTS, "host-port-conflict")


CAUSE = CauseLeaf(id="host-port-conflict", title="Host port is taken", reads=(Pod,), find=find)
