"""ClickHouse.

What: the columnar database.

Why: shards without a replica lose data with their node.

Bad:
    a shard with one replica

Good:
    two replicas a shard, three keepers
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="clickhouse",
    title="ClickHouse",
    images=(
        "clickhouse/clickhouse-server",
        "yandex/clickhouse-server",
        "bitnami/clickhouse",
        "altinity/clickhouse-server",
    ),
    labels=("clickhouse",),
    names=("clickhouse",),
    crs=("clickhouse.altinity.com/ClickHouseInstallation",),
    readiness=(("", Health(port=8123, path="/ping")),),
    liveness=(("", Health(port=8123, path="/ping", starts_within=300)),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="high",
    holds="data",
)
