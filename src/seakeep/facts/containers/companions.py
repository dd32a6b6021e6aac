"""Containers that stand beside others and run until somebody ends them."""

from __future__ import annotations

from seakeep.facts.containers.image_parts import parts_of
from seakeep.model.objects import Container

# Proxies and shippers by the last part of their images' names. Those that can be told to end with their neighbours are taken at their word.
_FOR_EVER = frozenset(
    {"cloud-sql-proxy", "gce-proxy", "envoy", "fluent-bit", "fluentd", "filebeat", "promtail", "vector", "alloy", "otel-collector", "opentelemetry-collector", "opentelemetry-collector-contrib", "statsd-exporter", "oauth2-proxy"}
)  # fmt: skip
_UNTIL = ("quitquitquit", "exit-zero", "--exit", "shutdown")


def runs_for_ever(container: Container) -> bool:
    words = " ".join((*container.command, *container.args))
    name = parts_of(container.image).repository.rpartition("/")[2]
    return name in _FOR_EVER and not any(word in words for word in _UNTIL)
