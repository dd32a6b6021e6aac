"""CoreDNS.

What: names inside the cluster.

Why: every Service name stops resolving.

Bad:
    scaled to zero, or a Corefile that forwards to itself

Good:
    two replicas on two nodes
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="coredns",
    title="CoreDNS",
    images=("coredns/coredns",),
    labels=("kube-dns", "coredns"),
    names=("coredns", "kube-dns"),
    readiness=(("", Health(port=8181, path="/ready")),),
    liveness=(("", Health(port=8080, path="/health")),),
    scalable=(("", True),),
    criticality="critical",
)
