"""Workloads as charts' templates make them."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def made(kind: str, name: str, release: str, labels: dict[str, str], *containers: tuple[str, str]) -> Object:
    """As Helm leaves it: the release in its annotations, the chart in its labels."""
    annotations = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "lake"}
    listed = [{"name": each, "image": image} for each, image in containers]
    labels = {"app.kubernetes.io/managed-by": "Helm", **labels}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "lake", "labels": labels, "annotations": annotations},
        "spec": {"replicas": 3, "template": {"metadata": {"labels": labels}, "spec": {"containers": listed}}},
    }


def bitnami(name: str, chart: str, component: str, image: str, release: str, container: str) -> Object:
    labels = {"helm.sh/chart": chart, "app.kubernetes.io/component": component, "app.kubernetes.io/instance": release}
    return made("StatefulSet", name, release, labels, (container, image), ("metrics", "docker.io/bitnami/jmx-exporter:1"))  # fmt: skip


BROKER = bitnami("events-kafka-broker", "kafka-26.8.5", "broker", "docker.io/bitnamilegacy/kafka:3.6.1", "events", "kafka")  # fmt: skip
