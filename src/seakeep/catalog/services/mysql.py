"""MySQL or MariaDB.

What: a relational database.

Why: its consumers crash or hang when it is away.

Bad:
    one replica without a backup

Good:
    a primary with a replica and a tested backup
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="mysql",
    title="MySQL or MariaDB",
    images=("library/mysql", "library/mariadb", "bitnami/mysql", "bitnami/mariadb", "percona/percona-xtradb-cluster"),
    labels=("mysql", "mariadb"),
    names=("mysql", "mariadb"),
    crs=(
        "mysql.oracle.com/InnoDBCluster",
        "pxc.percona.com/PerconaXtraDBCluster",
    ),
    readiness=(("", Health(port=3306, starts_within=120)),),
    liveness=(("", Health(port=3306, starts_within=300)),),
    stops_within=(("", 120),),
    scalable=(("", False),),
    criticality="critical",
    holds="data",
)
