"""Apache DolphinScheduler.

What: workflow orchestration: API, masters, workers, alert server.

Why: no master, no scheduling; no worker, no task runs.

Bad:
    one master without its registry

Good:
    two masters, workers, and a registry (JDBC or ZooKeeper)

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

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
    ports=(("api", 12345), ("master", 5678), ("worker", 1234), ("alert", 50052)),
    components=(("api", ("api",)), ("master", ("master",)), ("worker", ("worker",)), ("alert", ("alert",))),
    needs=("postgresql|mysql",),
    criticality="critical",
    jvm=True,
)
