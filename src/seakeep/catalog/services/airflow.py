"""Apache Airflow.

What: workflow orchestration.

Why: no scheduler, no runs.

Bad:
    a scheduler without its database

Good:
    scheduler, webserver, workers, database and broker
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="airflow",
    title="Apache Airflow",
    images=("apache/airflow", "bitnami/airflow", "astronomer/ap-airflow"),
    labels=("airflow",),
    names=("airflow",),
    components=(
        ("scheduler", ("scheduler",)),
        ("worker", ("worker",)),
        ("triggerer", ("triggerer",)),
        ("web", ("webserver", "api-server")),
    ),
    stops_within=(("worker", 600),),
    readiness=(("web", Health(port=8080, path="/health")),),
    scalable=(("web", True), ("worker", True)),
    criticality="critical",
)
