"""Kibana.

What: the window on Elasticsearch.

Why: only people notice when it is down.

Bad:
    Kibana of another major version than its index

Good:
    the version of its Elasticsearch
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="kibana",
    title="Kibana",
    images=("kibana/kibana", "library/kibana"),
    labels=("kibana",),
    names=("kibana",),
    crs=("kibana.k8s.elastic.co/Kibana",),
    readiness=(("", Health(port=5601, path="/api/status", starts_within=180)),),
    liveness=(("", Health(port=5601, starts_within=180)),),
    scalable=(("", True),),
    criticality="low",
)
