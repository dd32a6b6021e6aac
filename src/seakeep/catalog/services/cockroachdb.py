"""CockroachDB.

What: a distributed SQL database.

Why: without a majority of the replicas of a range, its rows can be neither read nor written.

Bad:
    two nodes: losing one loses the majority

Good:
    three nodes or more, on different machines
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="cockroachdb",
    title="CockroachDB",
    images=("cockroachdb/cockroach",),
    labels=("cockroachdb",),
    names=("cockroachdb",),
    crs=("crdb.cockroachlabs.com/CrdbCluster",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=8080, path="/health?ready=1")),),
    # No liveness: its makers advise against one in production.
    stops_within=(("", 300),),
    criticality="critical",
    holds="data",
)
