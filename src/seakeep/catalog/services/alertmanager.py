"""Alertmanager.

What: it sends the alerts.

Why: nobody is woken.

Bad:
    one replica on the node that fails

Good:
    two replicas, spread
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="alertmanager",
    title="Alertmanager",
    images=("prometheus/alertmanager", "prom/alertmanager", "bitnami/alertmanager"),
    labels=("alertmanager",),
    names=("alertmanager",),
    crs=("monitoring.coreos.com/Alertmanager",),
    readiness=(("", Health(port=9093, path="/-/ready")),),
    liveness=(("", Health(port=9093, path="/-/healthy")),),
    scalable=(("", False),),
    criticality="normal",
)
