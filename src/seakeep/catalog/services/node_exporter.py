"""Node exporter.

What: machine metrics.

Why: alerts on nodes go silent.

Bad:
    not tolerating the nodes' taints

Good:
    on every node
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="node-exporter",
    title="Node exporter",
    images=("prometheus/node-exporter", "prom/node-exporter", "bitnami/node-exporter"),
    labels=("node-exporter", "prometheus-node-exporter"),
    names=("node-exporter",),
    readiness=(("", Health(port=9100, path="/")),),
    liveness=(("", Health(port=9100, path="/")),),
    criticality="low",
)
