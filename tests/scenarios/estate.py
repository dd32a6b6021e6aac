"""A data estate in two namespaces: stores in NAMESPACE-store, what uses them in NAMESPACE."""

from __future__ import annotations

from typing import Any

from tests.scenarios.platforms import _deployment, _namespace, _service, _stateful, _template

Object = dict[str, Any]


def estate(namespace: str) -> list[Object]:
    """Brokers, ZooKeeper, a database, a cache, search, an object store; schedulers, SQL, dashboards, models, a catalog and metrics on them."""
    store = f"{namespace}-store"
    at = f"{store}.svc.cluster.local"
    found: list[Object] = [_namespace(store), _namespace(namespace)]
    for place in (store, namespace):
        found.append(_secret(place, "postgresql", {"password": "only-a-test"}))
        found.append(_secret(place, "minio", {"root-user": "only-a-test", "root-password": "only-a-test"}))
    password = {"valueFrom": {"secretKeyRef": {"name": "postgresql", "key": "password"}}}
    keys = {
        "AWS_ACCESS_KEY_ID": {"valueFrom": {"secretKeyRef": {"name": "minio", "key": "root-user"}}},
        "AWS_SECRET_ACCESS_KEY": {"valueFrom": {"secretKeyRef": {"name": "minio", "key": "root-password"}}},
    }

    def kept(name: str, image: str, port: int, env: Object, path: str, replicas: int = 1, **more: str) -> None:
        container = {"volumeMounts": [{"name": "data", "mountPath": path}]}
        template = _template(name, image, port, env, "tcp", more.get("memory", "1Gi"), "1", container=container)
        found.append(_stateful(store, name, template, replicas, "20Gi"))
        found.append(_service(store, name, port, headless=replicas > 1))

    def run(name: str, image: str, port: int, env: Object, replicas: int = 1, **more: Any) -> None:
        template = _template(name, image, port, env, more.pop("probe", "http"), more.pop("memory", "1Gi"), "1", **more)
        found.append(_deployment(namespace, name, template, replicas))
        if port:
            found.append(_service(namespace, name, port))

    kept("postgresql", "bitnami/postgresql:16.4.0", 5432, {"POSTGRES_PASSWORD": password}, "/bitnami/postgresql")
    kept("redis-master", "bitnami/redis:7.2.5", 6379, {}, "/data")
    kept("minio", "minio/minio:RELEASE.2025-04-22T22-12-26Z", 9000, {}, "/export")
    kept("zookeeper", "zookeeper:3.9.2", 2181, {"ZOO_4LW_COMMANDS_WHITELIST": "ruok,mntr"}, "/data", 3)
    kept(
        "kafka",
        "confluentinc/cp-kafka:7.6.1",
        9092,
        {"KAFKA_ZOOKEEPER_CONNECT": f"zookeeper.{at}:2181", "KAFKA_HEAP_OPTS": "-Xms512m -Xmx512m"},
        "/var/lib/kafka/data",
        3,
    )
    kept(
        "elasticsearch-master",
        "docker.elastic.co/elasticsearch/elasticsearch:8.14.1",
        9200,
        {"ES_JAVA_OPTS": "-Xms512m -Xmx512m", "discovery.seed_hosts": "elasticsearch-master"},
        "/usr/share/elasticsearch/data",
        2,
        memory="2Gi",
    )
    kept(
        "clickhouse",
        "clickhouse/clickhouse-server:24.8",
        8123,
        {"ZOOKEEPER_HOST": f"zookeeper.{at}"},
        "/var/lib/clickhouse",
    )

    airflow = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@postgresql.{at}:5432/airflow",
        "AIRFLOW__CELERY__BROKER_URL": f"redis://redis-master.{at}:6379/0",
        "PGPASSWORD": password,
    }
    wait = {
        "name": "wait-for-airflow-migrations",
        "image": "apache/airflow:2.9.3",
        "args": ["airflow", "db", "check-migrations", "--migration-wait-timeout=60"],
    }
    run("airflow-webserver", "apache/airflow:2.9.3", 8080, airflow, initContainers=[wait])
    run("airflow-scheduler", "apache/airflow:2.9.3", 0, airflow, initContainers=[wait])
    run("airflow-worker", "apache/airflow:2.9.3", 0, airflow, 2)
    run(
        "hive-metastore",
        "apache/hive:4.0.0",
        9083,
        {"SERVICE_NAME": "metastore", "DB_HOST": f"postgresql.{at}", "DB_PORT": "5432", "HADOOP_HEAPSIZE": "512"},
        probe="tcp",
    )
    run(
        "trino-coordinator",
        "trinodb/trino:455",
        8080,
        {"HIVE_METASTORE_URI": "thrift://hive-metastore:9083"},
        memory="2Gi",
    )
    run("trino-worker", "trinodb/trino:455", 8080, {"DISCOVERY_URI": "http://trino-coordinator:8080"}, 2, memory="2Gi")
    run(
        "superset",
        "apache/superset:4.0.2",
        8088,
        {
            "DATABASE_HOST": f"postgresql.{at}",
            "DATABASE_PORT": "5432",
            "REDIS_HOST": f"redis-master.{at}",
            "REDIS_PORT": "6379",
        },
    )
    run(
        "mlflow",
        "ghcr.io/mlflow/mlflow:v2.14.1",
        5000,
        {
            "MLFLOW_BACKEND_STORE_URI": f"postgresql://mlflow@postgresql.{at}:5432/mlflow",
            "MLFLOW_S3_ENDPOINT_URL": f"http://minio.{at}:9000",
            **keys,
        },
    )
    run(
        "datahub-gms",
        "acryldata/datahub-gms:v0.13.3",
        8080,
        {
            "KAFKA_BOOTSTRAP_SERVER": f"kafka.{at}:9092",
            "ELASTICSEARCH_HOST": f"elasticsearch-master.{at}",
            "ELASTICSEARCH_PORT": "9200",
        },
    )
    run(
        "datahub-frontend",
        "acryldata/datahub-frontend-react:v0.13.3",
        9002,
        {"DATAHUB_GMS_HOST": "datahub-gms", "DATAHUB_GMS_PORT": "8080"},
    )
    run(
        "dolphinscheduler-master",
        "apache/dolphinscheduler-master:3.2.1",
        5678,
        {
            "REGISTRY_ZOOKEEPER_CONNECT_STRING": f"zookeeper.{at}:2181",
            "SPRING_DATASOURCE_URL": f"jdbc:postgresql://postgresql.{at}:5432/dolphinscheduler",
        },
        probe="tcp",
    )
    run("ray-head", "rayproject/ray:2.31.0", 6379, {}, probe="tcp")
    gcs = {
        "name": "wait-gcs-ready",
        "image": "rayproject/ray:2.31.0",
        "env": [{"name": "RAY_ADDRESS", "value": "ray-head:6379"}],
    }
    gcs["command"] = [
        "/bin/bash",
        "-lc",
        "until ray health-check --address ray-head:6379; do echo 'Waiting for GCS to be ready.'; sleep 5; done",
    ]
    run("ray-worker", "rayproject/ray:2.31.0", 0, {"RAY_ADDRESS": "ray-head:6379"}, 2, initContainers=[gcs])
    run("prometheus", "prom/prometheus:v2.53.0", 9090, {})
    run("grafana", "grafana/grafana:11.1.0", 3000, {"GF_DATASOURCE_URL": "http://prometheus:9090"})
    return found


def _secret(namespace: str, name: str, data: dict[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": data,
    }
