"""PostgreSQL.

What: the relational database that most of a platform keeps its state in.

Why: its consumers crash or hang when it is away.

Bad:
    one replica shared by five services, without a backup

Good:
    a primary with a standby and a tested backup
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="postgresql",
    title="PostgreSQL",
    images=(
        "library/postgres",
        "bitnami/postgresql",
        "bitnamilegacy/postgresql",
        "cloudnative-pg/postgresql",
        "zalando/spilo",
        "bitnami/postgresql-repmgr",
        "timescale/timescaledb",
    ),
    labels=("postgresql", "postgres"),
    names=("postgres", "postgresql"),
    crs=(
        "postgresql.cnpg.io/Cluster",
        "postgresql.k8s.enterprisedb.io/Cluster",
        "acid.zalan.do/postgresql",
        "postgres-operator.crunchydata.com/PostgresCluster",
    ),
    readiness=(("", Health(port=5432, command=("pg_isready", "-h", "127.0.0.1"))),),
    # 1 is a server that is alive and rejects connections: it replays its log, and a restart would make it begin anew.
    liveness=(
        (
            "",
            Health(port=5432, command=("sh", "-c", "pg_isready -q -h 127.0.0.1; test $? -lt 2"), starts_within=600),
        ),
    ),
    stops_within=(("", 120),),
    scalable=(("", False),),
    criticality="critical",
    holds="data",
)
