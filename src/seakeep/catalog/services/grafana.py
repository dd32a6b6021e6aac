"""Grafana.

What: dashboards for people on call.

Why: people fly blind, but nothing else stops.

Bad:
    a SQLite file on an emptyDir

Good:
    a volume or a database
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="grafana",
    title="Grafana",
    images=("grafana/grafana", "bitnami/grafana"),
    labels=("grafana",),
    names=("grafana",),
    crs=("grafana.integreatly.org/Grafana",),
    readiness=(("", Health(port=3000, path="/api/health")),),
    # /api/health answers 503 while its database is away, which a restart does not bring back.
    liveness=(("", Health(port=3000, path="/healthz")),),
    criticality="normal",
)
