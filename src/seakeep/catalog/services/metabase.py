"""Metabase.

What: dashboards and questions over databases.

Why: with its own H2 file, questions and users are lost with the pod.

Bad:
    no MB_DB_HOST: the application database is a file in the container

Good:
    a PostgreSQL or MySQL database of its own
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="metabase",
    title="Metabase",
    images=("metabase/metabase", "metabase/metabase-enterprise"),
    labels=("metabase",),
    names=("metabase",),
    readiness=(("", Health(port=3000, path="/api/health", starts_within=300)),),
    # /api/health asks its database too, and /livez came only in 2025.
    liveness=(("", Health(port=3000, starts_within=300)),),
    criticality="normal",
    jvm=True,
)
