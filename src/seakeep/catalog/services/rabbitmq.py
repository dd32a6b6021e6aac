"""RabbitMQ.

What: a message broker.

Why: its consumers stop.

Bad:
    two nodes with quorum queues

Good:
    three nodes
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="rabbitmq",
    title="RabbitMQ",
    images=("library/rabbitmq", "bitnami/rabbitmq"),
    labels=("rabbitmq",),
    names=("rabbitmq",),
    crs=("rabbitmq.com/RabbitmqCluster",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=5672, starts_within=120)),),
    liveness=(("", Health(port=5672, starts_within=300)),),
    stops_within=(("", 600),),
    scalable=(("", False),),
    criticality="high",
    holds="data",
)
