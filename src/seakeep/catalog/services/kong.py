"""Kong.

What: the API gateway.

Why: nothing from outside gets in without it.

Bad:
    one gateway replica

Good:
    two gateway replicas
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="kong",
    title="Kong",
    images=("library/kong", "kong/kong", "kong/kong-gateway", "kong/kubernetes-ingress-controller", "bitnami/kong"),
    labels=("kong", "kong-gateway"),
    names=("kong",),
    readiness=(("", Health(port=8100, path="/status/ready")),),
    liveness=(("", Health(port=8100, path="/status")),),
    pre_stop=(("", ("kong", "quit", "--wait=15")),),
    scalable=(("", True),),
    criticality="critical",
)
