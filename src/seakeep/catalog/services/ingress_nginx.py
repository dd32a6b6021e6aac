"""NGINX ingress controller.

What: the way in for HTTP.

Why: nothing from outside gets in without it.

Bad:
    one replica

Good:
    two replicas, spread
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="ingress-nginx",
    title="NGINX ingress controller",
    images=("ingress-nginx/controller", "nginx/nginx-ingress"),
    labels=("ingress-nginx",),
    names=("ingress-nginx",),
    readiness=(("", Health(port=10254, path="/healthz")),),
    liveness=(("", Health(port=10254, path="/healthz")),),
    stops_within=(("", 300),),
    pre_stop=(("", ("/wait-shutdown",)),),
    scalable=(("", True),),
    criticality="critical",
)
