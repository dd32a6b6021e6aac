"""Traefik.

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
    id="traefik",
    title="Traefik",
    images=("library/traefik", "traefik/traefik"),
    labels=("traefik",),
    names=("traefik",),
    readiness=(("", Health(port=8080, path="/ping")),),
    liveness=(("", Health(port=8080, path="/ping")),),
    scalable=(("", True),),
    criticality="critical",
)
