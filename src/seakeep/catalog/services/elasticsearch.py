"""Elasticsearch.

What: the search index.

Why: writes stop without a master; searches fail without the primary shards.

Bad:
    discovery of three masters with two nodes

Good:
    three master-eligible nodes, or one declared as single-node
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="elasticsearch",
    title="Elasticsearch",
    images=("elasticsearch/elasticsearch", "library/elasticsearch", "bitnami/elasticsearch"),
    labels=("elasticsearch", "elasticsearch-master"),
    names=("elasticsearch",),
    crs=("elasticsearch.k8s.elastic.co/Elasticsearch",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=9200, starts_within=180)),),
    stops_within=(("", 120),),
    scalable=(("", False),),
    criticality="high",
    jvm=True,
    holds="data",
)
