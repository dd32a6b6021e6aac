"""Apache Superset.

What: dashboards: web, Celery worker and beat.

Why: the web part renders cached dashboards without the worker, but reports, alerts and asynchronous queries stop.

Bad:
    web alone, with the worker crash-looping for want of Redis

Good:
    web, worker and beat with their broker and metadata database
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="superset",
    title="Apache Superset",
    images=("apache/superset", "amancevice/superset"),
    labels=("superset",),
    names=("superset",),
    components=(("worker", ("worker",)), ("beat", ("beat",)), ("flower", ("flower",)), ("web", ("superset", "web"))),
    readiness=(("web", Health(port=8088, path="/health")),),
    liveness=(("web", Health(port=8088, path="/health", starts_within=120)),),
    stops_within=(("worker", 300),),
    scalable=(("web", True), ("worker", True), ("beat", False), ("flower", False)),
    criticality="high",
)
