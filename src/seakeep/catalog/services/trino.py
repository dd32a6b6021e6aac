"""Trino.

What: SQL over lakes and databases: one coordinator, many workers.

Why: without the coordinator there are no queries; without workers queries wait.

Bad:
    a coordinator without workers and node-scheduler.include-coordinator=false

Good:
    a coordinator and at least one worker

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="trino",
    title="Trino",
    images=("trinodb/trino", "starburstdata/starburst-enterprise"),
    labels=("trino",),
    names=("trino",),
    crs=("trino.stackable.tech/TrinoCluster",),
    ports=(("http", 8080),),
    components=(("coordinator", ("coordinator",)), ("worker", ("worker",))),
    criticality="high",
    jvm=True,
)
