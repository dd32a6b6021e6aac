"""Memcached.

What: a cache.

Why: its clients slow down.

Bad:
    a memory limit below -m

Good:
    a limit above -m
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="memcached",
    title="Memcached",
    images=("library/memcached", "bitnami/memcached"),
    labels=("memcached",),
    names=("memcached",),
    readiness=(("", Health(port=11211)),),
    liveness=(("", Health(port=11211)),),
    criticality="low",
)
