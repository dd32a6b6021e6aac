"""Which service a workload or an operator's resource is."""

from __future__ import annotations

from datetime import date

import pytest

from seakeep.adapters.files.read import read_bytes
from seakeep.catalog.loader import services
from seakeep.engine.platform import infer
from seakeep.engine.recognise import repository_of
from seakeep.facts.index import Index
from seakeep.model.platform import Intent, ServiceState


def found(text: str) -> list[ServiceState]:
    index = Index(read_bytes(text.encode(), "manifests.yaml"))
    return list(infer(index, services(), Intent(), (), today=date(2026, 3, 2)).services)


def deployment(name: str, image: str, labels: str = "app: x", version: str = "apps/v1") -> str:
    return f"apiVersion: {version}\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}\n"


@pytest.mark.parametrize(
    ("name", "image", "labels", "profile"),
    [
        ("events", "quay.io/strimzi/kafka:0.45.0-kafka-3.9.0", "app: x", "kafka"),
        ("events", "registry.example.com:5000/mirror/apache/kafka:4.0", "app: x", "kafka"),
        ("db", "postgres", "app: x", "postgresql"),
        ("db", "docker.io/library/postgres:17", "app: x", "postgresql"),
        ("kafka", "registry.example.com/broker:3", "app: x", "kafka"),
        ("kafka-0", "registry.example.com/broker:3", "app: x", "kafka"),
        ("main", "registry.example.com/q:1", "app.kubernetes.io/name: trino", "trino"),
        ("lake-kafka-console", "registry.example.com/console:3", "app: x", ""),
        ("jaxrs-mysql-quarkus", "example.com/jaxrs-mysql-quarkus:1", "app: x", ""),
        ("shop-mysql-primary", "example.com/own/db:1", "app: x", "mysql"),
        ("mysql-exporter", "prom/mysqld-exporter:0.15", "app: x", ""),
        ("redis-commander", "registry.example.com/rc:1", "app: x", ""),
        (
            "main",
            "registry.example.com/m:1",
            "{app.kubernetes.io/name: kafka, app.kubernetes.io/component: metrics}",
            "",
        ),
        ("hotel-kafkaesque", "registry.example.com/prose:1", "app: x", ""),
        (
            "kube-dns-autoscaler",
            "registry.k8s.io/cpa/cluster-proportional-autoscaler:v1.8.9",
            "k8s-app: kube-dns-autoscaler",
            "",
        ),
        ("istio-host-split", "registry.example.com/demo:green", "app: istio-host-split", ""),
        ("toolbox", "rook/ceph:v1.14.9", "app: x", "storage-provisioner"),
        ("metrics-gateway", "docker.io/nginxinc/nginx-unprivileged:1.29", "app.kubernetes.io/component: gateway", ""),
        ("istiod-1-24", "registry.example.com/pilot:1.24", "app: x", "istio"),
    ],
)
def test_workloads(name: str, image: str, labels: str, profile: str) -> None:
    assert [item.profile for item in found(deployment(name, image, labels.strip("{}")))] == [profile]


def test_workloads_of_an_api_group_that_is_gone() -> None:
    assert [item.profile for item in found(deployment("db", "postgres:9", version="extensions/v1beta1"))] == [
        "postgresql"
    ]


@pytest.mark.parametrize(
    ("version", "kind", "spec", "profile", "intended"),
    [
        ("kafka.strimzi.io/v1beta2", "Kafka", "{kafka: {replicas: 3}}", "kafka", None),
        ("postgresql.cnpg.io/v1", "Cluster", "{instances: 3}", "postgresql", 3),
        ("kibana.k8s.elastic.co/v1", "Kibana", "{count: 1}", "kibana", None),
        ("monitoring.coreos.com/v1", "Prometheus", "{replicas: 2}", "prometheus", 2),
    ],
)
def test_what_operators_are_to_make(version: str, kind: str, spec: str, profile: str, intended: int | None) -> None:
    services_found = found(
        f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: main, namespace: data}}\nspec: {spec}\n"
    )
    assert [(item.profile, item.intended, item.ready, item.state) for item in services_found] == [
        (profile, intended, None, "unknown")
    ]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("cluster.x-k8s.io/v1beta1", "Cluster"),
        ("kafka.strimzi.io/v1beta2", "KafkaTopic"),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication"),
        ("ray.io/v1", "RayJob"),
    ],
)
def test_resources_that_make_no_service(version: str, kind: str) -> None:
    assert found(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: main, namespace: data}}\nspec: {{}}\n") == []


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("kafka", "kafka"),
        ("registry:5000/team/kafka:3.9@sha256:00", "registry:5000/team/kafka"),
        ("registry:5000/kafka", "registry:5000/kafka"),
    ],
)
def test_repositories(image: str, repository: str) -> None:
    assert repository_of(image) == repository
