"""CoreDNS.

What: names inside the cluster.

Why: every Service name stops resolving.

Bad:
    scaled to zero, or a Corefile that forwards to itself

Good:
    two replicas on two nodes

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="coredns",
    title="CoreDNS",
    images=("coredns/coredns",),
    labels=("kube-dns", "coredns"),
    names=("coredns", "kube-dns"),
    ports=(("dns", 53),),
    criticality="critical",
)
