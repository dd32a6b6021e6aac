"""Hive metastore.

What: the table catalog of older lakes.

Why: tables cannot be found without it.

Bad:
    no database behind it

Good:
    MySQL or PostgreSQL behind it
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="hive-metastore",
    title="Hive metastore",
    images=("apache/hive", "starburstdata/hive"),
    labels=("hive-metastore", "hive"),
    names=("hive-metastore", "metastore"),
    readiness=(("", Health(port=9083, starts_within=120)),),
    liveness=(("", Health(port=9083, starts_within=180)),),
    scalable=(("", True),),
    criticality="high",
    jvm=True,
)
