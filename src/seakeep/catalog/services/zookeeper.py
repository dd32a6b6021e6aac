"""Apache ZooKeeper.

What: a quorum of coordinators for older Kafka, ClickHouse, Doris or DolphinScheduler.

Why: without a majority its clients lose leases and leadership.

Bad:
    two servers: losing one loses the quorum

Good:
    three servers on three nodes
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="zookeeper",
    title="Apache ZooKeeper",
    images=(
        "library/zookeeper",
        "bitnami/zookeeper",
        "confluentinc/cp-zookeeper",
        "kubernetes-zookeeper",
        "pravega/zookeeper",
    ),
    labels=("zookeeper", "zk"),
    names=("zookeeper", "zk"),
    crs=("zookeeper.pravega.io/ZookeeperCluster",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=2181)),),
    liveness=(("", Health(port=2181, starts_within=120)),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="high",
    jvm=True,
    holds="data",
)
