"""Apache Kafka.

What: the event log: brokers and, in KRaft mode, controllers.

Why: producers and consumers stop when a partition has fewer in-sync replicas than min.insync.replicas.

Bad:
    three brokers with min.insync.replicas=3: no broker may ever restart

Good:
    three brokers, replication factor 3, min.insync.replicas=2
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="kafka",
    title="Apache Kafka",
    images=("apache/kafka", "bitnami/kafka", "confluentinc/cp-kafka", "confluentinc/cp-server", "strimzi/kafka"),
    labels=("kafka", "cp-kafka"),
    names=("kafka",),
    crs=(
        "platform.confluent.io/Kafka",
        "kafka.strimzi.io/Kafka",
        "kafka.strimzi.io/KafkaNodePool",
        "core.strimzi.io/StrimziPodSet",
    ),
    components=(("controller", ("controller",)), ("broker", ("broker", "kafka"))),
    needs_ready=(("controller", "quorum"), ("", "in-sync")),
    readiness=(("", Health(port=9092, starts_within=180)), ("controller", Health(port=9093, starts_within=180))),
    liveness=(("", Health(port=9092, starts_within=600)), ("controller", Health(port=9093, starts_within=600))),
    stops_within=(("", 120),),
    scalable=(("", False),),
    criticality="critical",
    jvm=True,
    holds="data",
)
