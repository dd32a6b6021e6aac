"""Apache Cassandra.

What: the wide-column database.

Why: QUORUM reads fail when a majority of replicas is away.

Bad:
    replication factor 1

Good:
    replication factor 3
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="cassandra",
    title="Apache Cassandra",
    images=("library/cassandra", "bitnami/cassandra", "k8ssandra/cass-management-api"),
    labels=("cassandra",),
    names=("cassandra",),
    crs=("cassandra.datastax.com/CassandraDatacenter",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=9042, starts_within=300)),),
    # A node that joins streams its share of the data before it answers.
    liveness=(("", Health(port=9042, starts_within=1800)),),
    stops_within=(("", 120),),
    pre_stop=(("", ("nodetool", "drain")),),
    scalable=(("", False),),
    criticality="high",
    jvm=True,
    holds="data",
)
