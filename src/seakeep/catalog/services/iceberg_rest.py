"""Iceberg REST catalog.

What: the table catalog of the lake.

Why: tables cannot be found or committed without it.

Bad:
    an in-memory catalog

Good:
    a database behind it
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="iceberg-rest",
    title="Iceberg REST catalog",
    images=(
        "apache/iceberg-rest-fixture",
        "tabulario/iceberg-rest",
        "projectnessie/nessie",
        "apache/polaris",
        "gravitino/iceberg-rest",
        "apache/gravitino-iceberg-rest",
        "lakekeeper/catalog",
    ),
    labels=("iceberg-rest", "nessie", "polaris", "lakekeeper", "iceberg-rest-catalog"),
    names=("iceberg-rest", "nessie", "iceberg"),
    readiness=(("", Health(port=8181, path="/v1/config")),),
    liveness=(("", Health(port=8181, starts_within=120)),),
    scalable=(("", True),),
    criticality="high",
)
