"""Kafka Connect.

What: connectors between Kafka and the rest.

Why: data stops flowing in or out.

Bad:
    one worker

Good:
    two workers
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="kafka-connect",
    title="Kafka Connect",
    images=("confluentinc/cp-kafka-connect", "debezium/connect"),
    labels=("kafka-connect", "cp-kafka-connect"),
    names=("kafka-connect", "connect"),
    crs=("kafka.strimzi.io/KafkaConnect",),
    readiness=(("", Health(port=8083, path="/", starts_within=180)),),
    liveness=(("", Health(port=8083, starts_within=180)),),
    scalable=(("", True),),
    criticality="normal",
    jvm=True,
)
