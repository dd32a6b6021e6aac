"""Milvus.

What: a vector database.

Why: without etcd and an object store it starts no component.

Bad:
    a standalone instance on an emptyDir

Good:
    etcd, an object store and a message log of its own
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="milvus",
    title="Milvus",
    images=("milvusdb/milvus",),
    labels=("milvus",),
    names=("milvus",),
    crs=("milvus.io/Milvus",),
    readiness=(("", Health(port=9091, path="/healthz", starts_within=120)),),
    liveness=(("", Health(port=9091, path="/healthz", starts_within=300)),),
    stops_within=(("", 180),),
    criticality="normal",
)
