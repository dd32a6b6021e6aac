"""StarRocks.

What: an analytical database.

Why: without a leader among its frontends no query is planned.

Bad:
    two frontends: losing one loses the majority

Good:
    three frontends, three backends
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="starrocks",
    title="StarRocks",
    images=("starrocks/fe-ubuntu", "starrocks/be-ubuntu", "starrocks/cn-ubuntu", "starrocks/allin1-ubuntu"),
    labels=("starrocks",),
    names=("starrocks",),
    crs=("starrocks.com/StarRocksCluster",),
    readiness=(("", Health(port=8030, path="/api/health", starts_within=180)),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="normal",
    jvm=True,
)
