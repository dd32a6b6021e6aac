"""Apache Druid.

What: a store for real-time analytics.

Why: without coordinator and overlord no data is loaded; without brokers none is read.

Bad:
    historicals without a deep store

Good:
    deep storage, a metadata database, two coordinators
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="druid",
    title="Apache Druid",
    images=("apache/druid",),
    labels=("druid",),
    names=("druid",),
    crs=("druid.apache.org/Druid",),
    readiness=(("", Health(port=8888, path="/status/health", starts_within=180)),),
    criticality="high",
    jvm=True,
)
