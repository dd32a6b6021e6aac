"""Redis or Valkey.

What: cache, queue and broker.

Why: Celery workers crash without their broker, although web front ends may live on.

Bad:
    removed because the web part still answers

Good:
    one replica with persistence, or Sentinel with three
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="redis",
    title="Redis or Valkey",
    images=(
        "library/redis",
        "bitnami/redis",
        "bitnamilegacy/redis",
        "valkey/valkey",
        "bitnami/valkey",
        "redis/redis-stack-server",
        "bitnami/redis-cluster",
        "eqalpha/keydb",
    ),
    labels=("redis", "valkey", "redis-ha"),
    names=("redis", "valkey"),
    crs=(
        "redis.redis.opstreelabs.in/RedisCluster",
        "databases.spotahome.com/RedisFailover",
    ),
    readiness=(("", Health(port=6379, command=("redis-cli", "ping"))),),
    liveness=(("", Health(port=6379, starts_within=120)),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="high",
    holds="cache",
)
