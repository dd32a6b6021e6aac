"""Loki.

What: logs.

Why: logs are lost while it is away.

Bad:
    one replica on a node's disk

Good:
    an object store

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
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
    ports=(("http", 3100),),
    readiness=(("", Health(port=3100, path="/ready", starts_within=120)),),
    stops_within=(("", 300),),
    criticality="low",
)
