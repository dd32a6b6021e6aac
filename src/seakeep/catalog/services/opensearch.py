"""OpenSearch.

What: the search index.

Why: writes stop without a cluster manager.

Bad:
    two manager-eligible nodes

Good:
    three, or one declared as single-node

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="opensearch",
    title="OpenSearch",
    images=("opensearchproject/opensearch", "bitnami/opensearch"),
    labels=("opensearch",),
    names=("opensearch",),
    crs=("opensearch.opster.io/OpenSearchCluster",),
    ports=(("http", 9200), ("transport", 9300)),
    needs_ready=(("", "quorum"),),
    criticality="high",
    jvm=True,
)
