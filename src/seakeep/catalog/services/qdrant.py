"""Vector database.

What: embeddings search.

Why: retrieval fails.

Bad:
    storage on emptyDir

Good:
    a volume
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="qdrant",
    title="Vector database",
    images=("qdrant/qdrant", "semitechnologies/weaviate", "milvusdb/milvus"),
    labels=("qdrant", "weaviate", "milvus"),
    names=("qdrant", "weaviate", "milvus"),
    readiness=(("", Health(port=6333, path="/readyz")),),
    liveness=(("", Health(port=6333, path="/livez", starts_within=120)),),
    scalable=(("", False),),
    criticality="normal",
    holds="data",
)
