"""Neo4j.

What: a graph database.

Why: without a leader a cluster takes no writes.

Bad:
    a cluster of two

Good:
    a single server with backups, or three primaries
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="neo4j",
    title="Neo4j",
    images=("library/neo4j", "neo4j/neo4j"),
    labels=("neo4j",),
    names=("neo4j",),
    readiness=(("", Health(port=7687, starts_within=300)),),
    liveness=(("", Health(port=7687, starts_within=300)),),
    stops_within=(("", 300),),
    scalable=(("", False),),
    criticality="high",
    jvm=True,
    holds="data",
)
