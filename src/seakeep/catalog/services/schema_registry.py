"""Schema registry.

What: schemas of topics.

Why: producers with new schemas fail.

Bad:
    one replica without Kafka

Good:
    two replicas
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="schema-registry",
    title="Schema registry",
    images=("confluentinc/cp-schema-registry", "apicurio/apicurio-registry", "bitnami/schema-registry"),
    labels=("schema-registry", "cp-schema-registry", "apicurio-registry"),
    names=("schema-registry", "apicurio"),
    crs=("platform.confluent.io/SchemaRegistry",),
    readiness=(("", Health(port=8081, path="/subjects")),),
    liveness=(("", Health(port=8081, starts_within=120)),),
    scalable=(("", True),),
    criticality="high",
    jvm=True,
)
