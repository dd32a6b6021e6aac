"""MongoDB.

What: a document database.

Why: without a primary there are no writes.

Bad:
    two members

Good:
    three members
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="mongodb",
    title="MongoDB",
    images=("library/mongo", "bitnami/mongodb", "mongodb/mongodb-community-server"),
    labels=("mongodb", "mongo"),
    names=("mongodb", "mongo"),
    crs=(
        "mongodbcommunity.mongodb.com/MongoDBCommunity",
        "psmdb.percona.com/PerconaServerMongoDB",
    ),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=27017, starts_within=120)),),
    liveness=(("", Health(port=27017, starts_within=300)),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="high",
    holds="data",
)
