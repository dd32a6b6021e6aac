"""OpenTelemetry Collector.

What: receives traces, metrics and logs and passes them on.

Why: while it is down, what services report is lost or held in their memory.

Bad:
    one collector without a memory limiter

Good:
    two or more, each with a memory limiter and a queue

Ignore when: nothing reads what it passes on.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="otel-collector",
    title="OpenTelemetry Collector",
    images=(
        "otel/opentelemetry-collector",
        "otel/opentelemetry-collector-contrib",
        "open-telemetry/opentelemetry-collector-releases/opentelemetry-collector",
        "grafana/alloy",
    ),
    labels=("opentelemetry-collector", "otel-collector"),
    names=("opentelemetry-collector", "otel-collector", "otelcol"),
    crs=("opentelemetry.io/OpenTelemetryCollector",),
    readiness=(("", Health(port=13133, path="/")),),
    liveness=(("", Health(port=13133, path="/")),),
    criticality="low",
)
