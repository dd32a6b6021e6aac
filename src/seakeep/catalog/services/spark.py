"""Apache Spark.

What: batch processing and its history server.

Why: jobs fail for want of a master or driver; without the history server past runs cannot be read.

Bad:
    a history server that asks for more memory than any node has

Good:
    requests that fit a node
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="spark",
    title="Apache Spark",
    images=("apache/spark", "bitnami/spark", "apache/spark-py"),
    labels=("spark", "spark-history-server"),
    names=("spark",),
    crs=("sparkoperator.k8s.io/SparkApplication", "sparkoperator.k8s.io/ScheduledSparkApplication"),
    components=(("history", ("history",)), ("master", ("master",)), ("worker", ("worker",))),
    readiness=(("history", Health(port=18080, path="/", starts_within=120)),),
    liveness=(("history", Health(port=18080, starts_within=300)),),
    scalable=(("worker", True), ("history", False), ("master", False)),
    criticality="normal",
    jvm=True,
)
