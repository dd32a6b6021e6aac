"""A Service of type LoadBalancer gets no address from outside.

What: status.loadBalancer is empty minutes after the Service was made (`EXTERNAL-IP <pending>`), and an event of the controller says why: SyncLoadBalancerFailed, AllocationFailed.

Why: no subnet or permission for the cloud's controller, a used-up address pool, an unknown loadBalancerClass, or no controller that makes load balancers at all (bare metal without MetalLB or its like).

Bad:
    kubectl get service web     # EXTERNAL-IP <pending> for an hour

Good:
    kubectl get service web     # EXTERNAL-IP 203.0.113.20

Ignore when: nothing here is meant to give addresses (kind, minikube) and the Service is called through its node port.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.routing.load_balancers import waiting
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Service


def find(index: Index) -> Iterable[Candidate]:
    others = any(item.status.load_balancer.ingress for item in index.snapshot.all(Service))
    for service, told in waiting(index):
        if not told and not others:
            continue  # nothing here was ever seen to give addresses, nor to be asked for them
        why = f": {told[0].value.partition(': ')[2][:200]}" if told else ""
        yield Candidate(
            id="load-balancer-pending",
            object=service.ref,
            summary=f"Service {service.name} of type LoadBalancer has no address{why}",
            evidence=(state_evidence(service, "status.loadBalancer", "no ingress"), *told[:3]),
            repair=Repair(
                f"Correct what the controller names, or make Service {service.name} a ClusterIP behind an Ingress."
                if told
                else f"See whether anything here gives load balancers their addresses, and whether it takes on Service {service.name} (loadBalancerClass, address pool)."
            ),
            confidence=PROVEN if told else LIKELY,
            settled_by="" if told else f"kubectl describe service {named(service)}",
        )


CAUSE = CauseLeaf(
    id="load-balancer-pending",
    title="Load balancer gets no address",
    reads=(Service,),
    find=find,
    severity=Severity.WARNING,
)
