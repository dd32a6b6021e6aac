"""kube-proxy.

What: Service addresses on every node.

Why: Services stop working on its node.

Bad:
    not on every node

Good:
    on every node
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="kube-proxy",
    title="kube-proxy",
    images=("kube-proxy",),
    labels=("kube-proxy",),
    names=("kube-proxy",),
    criticality="critical",
)
