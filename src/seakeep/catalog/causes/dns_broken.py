"""Names do not resolve: the cluster's DNS is down or wrongly set up, or a workload does not get to it.

What: look-ups of Services that exist fail or get no answer ("Temporary failure in name resolution", "server misbehaving", "i/o timeout" on port 53, NXDOMAIN). One name that no Service has is another cause.

Why: CoreDNS has no ready pod, its Corefile does not load or lost the kubernetes plugin, Service kube-dns changed its address, an egress policy admits no port 53, or dnsPolicy and dnsConfig send a pod to a resolver that knows no Services.

Bad:
    dnsPolicy: Default          # of a pod that calls http://orders

Good:
    dnsPolicy: ClusterFirst

Ignore when: the workload is meant to resolve names outside the cluster only.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.dns.dns_barred import policy_faults
from seakeep.facts.dns.dns_resolvers import resolver_faults
from seakeep.facts.dns.dns_server import server_faults
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod

_LEVELS = {CERTAIN: PROVEN, FAIR: LIKELY}


def find(index: Index) -> Iterable[Candidate]:
    for fault in (*server_faults(index), *policy_faults(index), *resolver_faults(index)):
        callers = [ref for item in fault.lookups for ref in (item.call.workload, item.call.origin)]
        yield Candidate(
            id="dns-broken",
            object=fault.culprit,
            summary=fault.what,
            evidence=fault.evidence,
            affects=tuple(dict.fromkeys((*fault.sufferers, *callers))),
            repair=Repair(fault.repair),
            confidence=_LEVELS.get(fault.level, POSSIBLE),
            settled_by=fault.settled_by,
        )


CAUSE = CauseLeaf(id="dns-broken", title="Names do not resolve", reads=(Pod,), find=find)
