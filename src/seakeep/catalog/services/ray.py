"""Ray.

What: distributed Python: a head with the control store, and workers.

Why: a lost head ends every job unless GCS fault tolerance is set up.

Bad:
    workers without a head

Good:
    a head and its workers, made by KubeRay
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="ray",
    title="Ray",
    images=("rayproject/ray", "rayproject/ray-ml"),
    labels=("kuberay", "ray", "ray-cluster"),
    names=("ray",),
    crs=("ray.io/RayCluster", "ray.io/RayService", "ray.io/RayJob"),
    components=(("head", ("head",)), ("worker", ("worker",))),
    readiness=(("head", Health(port=8265, path="/api/gcs_healthz")),),
    liveness=(("head", Health(port=8265, path="/api/gcs_healthz", starts_within=120)),),
    scalable=(("worker", True), ("head", False)),
    criticality="high",
)
