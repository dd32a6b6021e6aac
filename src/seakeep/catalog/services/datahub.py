"""DataHub.

What: the metadata catalog: GMS, frontend, consumers.

Why: everything else of it waits for GMS.

Bad:
    GMS without its search index

Good:
    GMS with its database, its index and Kafka
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="datahub",
    title="DataHub",
    images=(
        "acryldata/datahub-gms",
        "linkedin/datahub-gms",
        "acryldata/datahub-frontend-react",
        "linkedin/datahub-frontend-react",
        "acryldata/datahub-mae-consumer",
        "acryldata/datahub-mce-consumer",
        "acryldata/datahub-actions",
        "acryldata/datahub-upgrade",
        "acryldata/datahub-ingestion",
    ),
    labels=(
        "datahub",
        "datahub-gms",
        "datahub-frontend",
        "datahub-mae-consumer",
        "datahub-mce-consumer",
        "acryl-datahub-actions",
    ),
    names=("datahub",),
    components=(
        ("gms", ("gms",)),
        ("frontend", ("frontend",)),
        ("mae-consumer", ("mae",)),
        ("mce-consumer", ("mce",)),
        ("actions", ("actions",)),
    ),
    readiness=(
        ("gms", Health(port=8080, path="/health", starts_within=300)),
        ("frontend", Health(port=9002, path="/admin", starts_within=120)),
    ),
    liveness=(
        ("gms", Health(port=8080, path="/health", starts_within=600)),
        ("frontend", Health(port=9002, path="/admin", starts_within=120)),
    ),
    scalable=(("gms", True), ("frontend", True)),
    criticality="normal",
    jvm=True,
)
