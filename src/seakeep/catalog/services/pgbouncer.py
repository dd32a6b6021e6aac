"""PgBouncer.

What: a connection pool in front of PostgreSQL.

Why: its clients see the database as down when it is.

Bad:
    a pool smaller than its clients need

Good:
    two replicas
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="pgbouncer",
    title="PgBouncer",
    images=("bitnami/pgbouncer", "edoburu/pgbouncer", "cloudnative-pg/pgbouncer"),
    labels=("pgbouncer",),
    names=("pgbouncer",),
    readiness=(("", Health(port=6432)),),
    liveness=(("", Health(port=6432)),),
    scalable=(("", True),),
    criticality="high",
)
