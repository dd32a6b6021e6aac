"""Jaeger or Zipkin.

What: stores and shows traces.

Why: without it nothing breaks but the view of what does.

Bad:
    a memory store behind busy collectors

Good:
    a store of its own, Elasticsearch or Cassandra

Ignore when: traces are kept elsewhere.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="jaeger",
    title="Jaeger or Zipkin",
    images=(
        "jaegertracing/all-in-one",
        "jaegertracing/jaeger",
        "jaegertracing/jaeger-query",
        "jaegertracing/jaeger-collector",
        "openzipkin/zipkin",
    ),
    labels=("jaeger", "zipkin"),
    names=("jaeger", "zipkin"),
    crs=("jaegertracing.io/Jaeger",),
    readiness=(("", Health(port=14269, path="/")),),
    liveness=(("", Health(port=14269, path="/")),),
    criticality="low",
)
