"""Apache Flink.

What: stream processing: job and task managers.

Why: jobs stop without the job manager.

Bad:
    no checkpoints outside the pod

Good:
    checkpoints in an object store

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="flink",
    title="Apache Flink",
    images=("library/flink", "apache/flink", "apache/flink-kubernetes-operator"),
    labels=("flink", "flink-native-kubernetes"),
    names=("flink",),
    crs=("flink.apache.org/FlinkDeployment",),
    ports=(("rest", 8081),),
    components=(("jobmanager", ("jobmanager",)), ("taskmanager", ("taskmanager",))),
    criticality="high",
    jvm=True,
)
