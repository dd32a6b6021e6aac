"""kube-state-metrics.

What: object state as metrics.

Why: alerts on workloads go silent.

Bad:
    no memory for the number of objects

Good:
    a limit that grows with the cluster
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="kube-state-metrics",
    title="kube-state-metrics",
    images=("kube-state-metrics/kube-state-metrics", "bitnami/kube-state-metrics"),
    labels=("kube-state-metrics",),
    names=("kube-state-metrics",),
    readiness=(("", Health(port=8081, path="/readyz")),),
    liveness=(("", Health(port=8080, path="/livez")),),
    scalable=(("", False),),
    criticality="low",
)
