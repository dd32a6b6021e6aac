"""NATS.

What: messaging.

Why: its clients reconnect for ever.

Bad:
    two JetStream servers

Good:
    three JetStream servers
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="nats",
    title="NATS",
    images=("library/nats", "bitnami/nats"),
    labels=("nats",),
    names=("nats",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=8222, path="/healthz?js-server-only=true")),),
    liveness=(("", Health(port=8222, path="/healthz?js-enabled-only=true")),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="high",
)
