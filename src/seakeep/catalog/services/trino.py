"""Trino.

What: SQL over lakes and databases: one coordinator, many workers.

Why: without the coordinator there are no queries; without workers queries wait.

Bad:
    a coordinator without workers and node-scheduler.include-coordinator=false

Good:
    a coordinator and at least one worker
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="trino",
    title="Trino",
    images=("trinodb/trino", "starburstdata/starburst-enterprise"),
    labels=("trino",),
    names=("trino",),
    crs=("trino.stackable.tech/TrinoCluster",),
    components=(("coordinator", ("coordinator",)), ("worker", ("worker",))),
    readiness=(
        ("coordinator", Health(port=8080, path="/v1/info", starts_within=120)),
        ("worker", Health(port=8080, path="/v1/info", starts_within=120)),
    ),
    liveness=(
        ("coordinator", Health(port=8080, path="/v1/info", starts_within=300)),
        ("worker", Health(port=8080, path="/v1/info", starts_within=300)),
    ),
    stops_within=(("worker", 300),),
    scalable=(("worker", True), ("coordinator", False)),
    criticality="high",
    jvm=True,
)
