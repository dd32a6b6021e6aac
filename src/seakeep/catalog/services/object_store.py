"""S3 object store.

What: the lake's files.

Why: tables, artifacts and backups are unreachable without it.

Bad:
    one server with one disk

Good:
    erasure coding over four disks or more
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="object-store",
    title="S3 object store",
    images=("minio/minio", "bitnami/minio", "chrislusf/seaweedfs", "openmaxio/openmaxio-object-browser"),
    labels=("minio", "seaweedfs", "rook-ceph-rgw"),
    names=("minio", "seaweedfs"),
    crs=("minio.min.io/Tenant",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=9000, path="/minio/health/ready")),),
    liveness=(("", Health(port=9000, path="/minio/health/live")),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="critical",
    holds="data",
)
