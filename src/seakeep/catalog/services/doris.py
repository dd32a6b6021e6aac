"""Apache Doris.

What: the analytical database: frontends and backends.

Why: queries need a frontend and enough backends.

Bad:
    two frontends

Good:
    three frontends, three backends
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="doris",
    title="Apache Doris",
    images=("apache/doris",),
    labels=("doris",),
    names=("doris",),
    crs=("doris.selectdb.com/DorisCluster",),
    components=(("fe", ("fe",)), ("be", ("be",))),
    needs_ready=(("fe", "quorum"), ("be", "in-sync")),
    readiness=(
        ("fe", Health(port=8030, path="/api/health", starts_within=180)),
        ("be", Health(port=8040, path="/api/health", starts_within=180)),
    ),
    liveness=(("fe", Health(port=9030, starts_within=300)), ("be", Health(port=9050, starts_within=300))),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="normal",
    jvm=True,
)
