"""Dagster.

What: data orchestration.

Why: no runs start.

Bad:
    a daemon without its database

Good:
    daemon, webserver, database
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="dagster",
    title="Dagster",
    images=("dagster/dagster-celery-k8s", "dagster/dagster-k8s", "dagster/user-code-example"),
    labels=("dagster",),
    names=("dagster",),
    criticality="high",
)
