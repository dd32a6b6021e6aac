"""metrics-server.

What: usage of pods and nodes for kubectl top and autoscalers.

Why: autoscalers go blind.

Bad:
    no route to the kubelets

Good:
    two replicas
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="metrics-server",
    title="metrics-server",
    images=("metrics-server/metrics-server", "bitnami/metrics-server"),
    labels=("metrics-server",),
    names=("metrics-server",),
    readiness=(("", Health(port="https", path="/readyz")),),
    liveness=(("", Health(port="https", path="/livez")),),
    scalable=(("", True),),
    criticality="normal",
)
