"""Apache DolphinScheduler.

What: workflow orchestration: API, masters, workers, alert server.

Why: no master, no scheduling; no worker, no task runs.

Bad:
    one master without its registry

Good:
    two masters, workers, and a registry (JDBC or ZooKeeper)
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="dolphinscheduler",
    title="Apache DolphinScheduler",
    images=(
        "apache/dolphinscheduler-api",
        "apache/dolphinscheduler-master",
        "apache/dolphinscheduler-worker",
        "apache/dolphinscheduler-alert-server",
        "apache/dolphinscheduler-standalone-server",
        "apache/dolphinscheduler-tools",
    ),
    labels=("dolphinscheduler",),
    names=("dolphinscheduler",),
    components=(("api", ("api",)), ("master", ("master",)), ("worker", ("worker",)), ("alert", ("alert",))),
    readiness=(
        ("api", Health(port=12345, path="/dolphinscheduler/actuator/health/readiness", starts_within=180)),
        ("master", Health(port=5679, path="/actuator/health/readiness", starts_within=180)),
        ("worker", Health(port=1235, path="/actuator/health/readiness", starts_within=180)),
        ("alert", Health(port=50053, path="/actuator/health/readiness", starts_within=180)),
    ),
    liveness=(
        ("api", Health(port=12345, path="/dolphinscheduler/actuator/health/liveness", starts_within=180)),
        ("master", Health(port=5679, path="/actuator/health/liveness", starts_within=180)),
        ("worker", Health(port=1235, path="/actuator/health/liveness", starts_within=180)),
        ("alert", Health(port=50053, path="/actuator/health/liveness", starts_within=180)),
    ),
    stops_within=(("master", 60), ("worker", 300)),
    scalable=(("api", True), ("master", True), ("worker", True)),
    criticality="critical",
    jvm=True,
)
