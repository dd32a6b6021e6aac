"""Apache Flink.

What: stream processing: job and task managers.

Why: jobs stop without the job manager.

Bad:
    no checkpoints outside the pod

Good:
    checkpoints in an object store
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="flink",
    title="Apache Flink",
    images=("library/flink", "apache/flink", "apache/flink-kubernetes-operator"),
    labels=("flink", "flink-native-kubernetes"),
    names=("flink",),
    crs=("flink.apache.org/FlinkDeployment",),
    components=(("jobmanager", ("jobmanager",)), ("taskmanager", ("taskmanager",))),
    readiness=(("jobmanager", Health(port=8081, path="/overview")),),
    liveness=(("jobmanager", Health(port=6123, starts_within=120)),),
    scalable=(("taskmanager", True), ("jobmanager", False)),
    criticality="high",
    jvm=True,
)
