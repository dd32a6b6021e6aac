"""Two healthy platforms that faults are put into: a shop of small services, and a data platform with state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]

_PROBES = {
    "http": lambda port: {"httpGet": {"path": "/healthz", "port": port}},
    "grpc": lambda port: {"grpc": {"port": port}},
    "tcp": lambda port: {"tcpSocket": {"port": port}},
}


def _meta(name: str, namespace: str, **labels: str) -> Object:
    return {"name": name, "namespace": namespace, "labels": {"app": name, **labels}}


def _template(
    name: str,
    image: str,
    port: int,
    env: Mapping[str, Any],
    probe: str,
    memory: str = "128Mi",
    cpu: str = "200m",
    **extra: Any,
) -> Object:
    container: Object = {
        "name": "server",
        "image": image,
        "env": [
            {"name": key, **(value if isinstance(value, dict) else {"value": value})} for key, value in env.items()
        ],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": cpu, "memory": memory}},
    }
    if port:
        container["ports"] = [{"containerPort": port}]
        container["readinessProbe"] = {**_PROBES[probe](port), "periodSeconds": 5}
        container["livenessProbe"] = {**_PROBES[probe](port), "periodSeconds": 10, "initialDelaySeconds": 10}
    container.update(extra.pop("container", {}))
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **extra}}


def _deployment(namespace: str, name: str, template: Object, replicas: int = 1) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(name, namespace),
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def _stateful(namespace: str, name: str, template: Object, replicas: int, size: str) -> Object:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": _meta(name, namespace),
        "spec": {
            "serviceName": name,
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
            "volumeClaimTemplates": [claim],
        },
    }


def _service(namespace: str, name: str, port: int, target: int | None = None, *, headless: bool = False) -> Object:
    spec: Object = {"selector": {"app": name}, "ports": [{"name": "main", "port": port, "targetPort": target or port}]}
    if headless:
        spec["clusterIP"] = "None"
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(name, namespace), "spec": spec}


def _namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def shop(namespace: str) -> list[Object]:
    """Ferry tickets: seven stateless services of which each calls others, a cache and a database."""
    registry = "registry.example.org/ferry"
    found: list[Object] = [_namespace(namespace)]

    def add(name: str, port: int, probe: str, env: Mapping[str, Any], replicas: int = 1, target: int = 0) -> None:
        template = _template(name, f"{registry}/{name}:v2.4.1", target or port, env, probe)
        found.append(_deployment(namespace, name, template, replicas))
        found.append(_service(namespace, name, port, target or port))

    add(
        "web",
        80,
        "http",
        {
            "PORT": "8080",
            "TIMETABLE_ADDR": "timetable:3550",
            "BOOKING_ADDR": "booking:5050",
            "FARE_ADDR": "fares:7000",
            "SESSION_STORE": "session-cache:6379",
        },
        2,
        8080,
    )
    add("timetable", 3550, "grpc", {"PORT": "3550", "DATABASE_URL": "postgres://ferry@harbour-db:5432/ferry"})
    add(
        "booking",
        5050,
        "grpc",
        {
            "PORT": "5050",
            "TIMETABLE_ADDR": "timetable:3550",
            "PAYMENT_ADDR": "payment:50051",
            "FARE_ADDR": "fares:7000",
            "MAIL_ADDR": "mailer:5000",
        },
    )
    add("payment", 50051, "grpc", {"PORT": "50051"})
    add("fares", 7000, "grpc", {"PORT": "7000"}, 2)
    add("mailer", 5000, "grpc", {"PORT": "8080", "SMTP_TLS": "true"}, 1, 8080)
    cache = _template("session-cache", "redis:7.4-alpine", 6379, {}, "tcp")
    found.append(_deployment(namespace, "session-cache", cache))
    found.append(_service(namespace, "session-cache", 6379))
    database = _template(
        "harbour-db",
        "postgres:16.4",
        5432,
        {
            "POSTGRES_USER": "ferry",
            "POSTGRES_PASSWORD": {"valueFrom": {"secretKeyRef": {"name": "harbour-db", "key": "password"}}},
        },
        "tcp",
        "512Mi",
        "500m",
        container={"volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}]},
    )
    found.append(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "harbour-db", "namespace": namespace},
            "stringData": {"password": "only-a-test"},
        }
    )
    found.append(_stateful(namespace, "harbour-db", database, 1, "5Gi"))
    found.append(_service(namespace, "harbour-db", 5432, headless=True))
    load = _template(
        "visitors", f"{registry}/visitors:v2.4.1", 0, {"FRONTEND_ADDR": "web:80", "USERS": "10"}, "tcp", "256Mi"
    )
    found.append(_deployment(namespace, "visitors", load))
    return found


def lake(namespace: str) -> list[Object]:
    """A data platform: brokers, a database, a cache, SQL, dashboards with workers, a nightly Job."""
    found: list[Object] = [_namespace(namespace)]
    found.append(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "superset", "namespace": namespace},
            "data": {
                "REDIS_HOST": "redis",
                "REDIS_PORT": "6379",
                "DATABASE_HOST": "postgres",
                "DATABASE_PORT": "5432",
            },
        }
    )
    found.append(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "postgres", "namespace": namespace},
            "stringData": {"password": "only-a-test"},
        }
    )
    kafka = _template(
        "kafka",
        "apache/kafka:3.9.0",
        9092,
        {"KAFKA_HEAP_OPTS": "-Xms512m -Xmx512m", "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093"},
        "tcp",
        "1Gi",
        "1",
        container={"volumeMounts": [{"name": "data", "mountPath": "/var/lib/kafka/data"}]},
    )
    found.append(_stateful(namespace, "kafka", kafka, 3, "10Gi"))
    found.append(_service(namespace, "kafka", 9092, headless=True))
    postgres = _template(
        "postgres",
        "postgres:16.4",
        5432,
        {"POSTGRES_PASSWORD": {"valueFrom": {"secretKeyRef": {"name": "postgres", "key": "password"}}}},
        "tcp",
        "512Mi",
        "500m",
        container={"volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}]},
    )
    found.append(_stateful(namespace, "postgres", postgres, 1, "20Gi"))
    found.append(_service(namespace, "postgres", 5432, headless=True))
    found.append(_deployment(namespace, "redis", _template("redis", "redis:7.4", 6379, {}, "tcp")))
    found.append(_service(namespace, "redis", 6379))
    settings = {"envFrom": [{"configMapRef": {"name": "superset"}}]}
    web = _template("superset", "apache/superset:4.1.1", 8088, {}, "http", "1Gi", "1", container=settings)
    found.append(_deployment(namespace, "superset", web))
    found.append(_service(namespace, "superset", 8088))
    worker = _template("superset-worker", "apache/superset:4.1.1", 0, {}, "tcp", "1Gi", "1", container=settings)
    worker["spec"]["containers"][0]["command"] = ["celery", "--app=superset.tasks.celery_app:app", "worker"]
    found.append(_deployment(namespace, "superset-worker", worker, 2))
    trino = _template("trino-coordinator", "trinodb/trino:476", 8080, {}, "http", "2Gi", "1")
    found.append(_deployment(namespace, "trino-coordinator", trino))
    found.append(_service(namespace, "trino-coordinator", 8080))
    workers = _template(
        "trino-worker",
        "trinodb/trino:476",
        8080,
        {"DISCOVERY_URI": "http://trino-coordinator:8080"},
        "http",
        "2Gi",
        "1",
    )
    found.append(_deployment(namespace, "trino-worker", workers, 2))
    ingest = _template(
        "ingest",
        "registry.example.org/lake/ingest:1.8.0",
        8080,
        {"BOOTSTRAP_SERVERS": "kafka:9092", "PGHOST": "postgres", "PGPORT": "5432"},
        "http",
        container={},
        initContainers=[
            {
                "name": "wait-for-kafka",
                "image": "busybox:1.36",
                "command": ["sh", "-c", "until nc -z kafka 9092; do echo waiting for kafka; sleep 2; done"],
            }
        ],
    )
    found.append(_deployment(namespace, "ingest", ingest, 2))
    found.append(_service(namespace, "ingest", 8080))
    found.append(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": _meta("nightly-report", namespace),
            "spec": {
                "schedule": "0 2 * * *",
                "jobTemplate": {
                    "spec": {
                        "template": {
                            "spec": {
                                "restartPolicy": "Never",
                                "containers": [
                                    {
                                        "name": "report",
                                        "image": "registry.example.org/lake/report:3.1",
                                        "env": [{"name": "SQL_URL", "value": "http://trino-coordinator:8080"}],
                                    }
                                ],
                            }
                        }
                    }
                },
            },
        }
    )
    return found
