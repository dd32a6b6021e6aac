"""Prometheus.

What: metrics and alert rules.

Why: no metrics, no alerts.

Bad:
    memory limit below what its series need

Good:
    a limit with headroom
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="prometheus",
    title="Prometheus",
    images=("prometheus/prometheus", "prom/prometheus", "bitnami/prometheus"),
    labels=("prometheus",),
    names=("prometheus",),
    crs=("monitoring.coreos.com/Prometheus",),
    readiness=(("", Health(port=9090, path="/-/ready", starts_within=300)),),
    liveness=(("", Health(port=9090, path="/-/healthy", starts_within=600)),),
    stops_within=(("", 300),),
    criticality="normal",
)
