"""Loki.

What: logs.

Why: logs are lost while it is away.

Bad:
    one replica on a node's disk

Good:
    an object store
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="loki",
    title="Loki",
    images=("grafana/loki", "grafana/promtail"),
    labels=("loki", "promtail"),
    names=("loki",),
    readiness=(("", Health(port=3100, path="/ready", starts_within=120)),),
    stops_within=(("", 300),),
    criticality="low",
)
