"""OpenSearch.

What: the search index.

Why: writes stop without a cluster manager.

Bad:
    two manager-eligible nodes

Good:
    three, or one declared as single-node
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="opensearch",
    title="OpenSearch",
    images=("opensearchproject/opensearch", "bitnami/opensearch"),
    labels=("opensearch",),
    names=("opensearch",),
    crs=("opensearch.opster.io/OpenSearchCluster",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=9200, starts_within=180)),),
    stops_within=(("", 120),),
    scalable=(("", False),),
    criticality="high",
    jvm=True,
    holds="data",
)
