"""Services that operators make, by the custom resource that they are named after."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.workloads.planned import same_place
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Strimzi and CloudNativePG: kind of the resource → what its Services are called (their documentation).
_NAMED = (
    ("Kafka", "kafka.strimzi.io", late(r"(?P<name>.+)(?P<end>-kafka-(?:bootstrap|brokers))")),
    ("Cluster", "postgresql.cnpg.io", late(r"(?P<name>.+)(?P<end>-(?:rw|ro|r))")),
)


# Kinds whose operators make Services called like the resource, alone or with an ending (their documentation).
_MAKERS = frozenset(
    {
        ("Agent", "agent.k8s.elastic.co"),
        ("ApmServer", "apm.k8s.elastic.co"),
        ("CassandraDatacenter", "cassandra.datastax.com"),
        ("Cluster", "postgresql.cnpg.io"),
        ("Elasticsearch", "elasticsearch.k8s.elastic.co"),
        ("FlinkDeployment", "flink.apache.org"),
        ("Grafana", "grafana.integreatly.org"),
        ("Jaeger", "jaegertracing.io"),
        ("Kafka", "kafka.strimzi.io"),
        ("KafkaBridge", "kafka.strimzi.io"),
        ("KafkaConnect", "kafka.strimzi.io"),
        ("Keycloak", "k8s.keycloak.org"),
        ("Kibana", "kibana.k8s.elastic.co"),
        ("Logstash", "logstash.k8s.elastic.co"),
        ("MongoDBCommunity", "mongodbcommunity.mongodb.com"),
        ("OpenSearchCluster", "opensearch.opster.io"),
        ("OpenTelemetryCollector", "opentelemetry.io"),
        ("Pooler", "postgresql.cnpg.io"),
        ("PostgresCluster", "postgres-operator.crunchydata.com"),
        ("RabbitmqCluster", "rabbitmq.com"),
        ("RayCluster", "ray.io"),
        ("RayService", "ray.io"),
        ("Service.serving.knative.dev", "serving.knative.dev"),
        ("SparkApplication", "sparkoperator.k8s.io"),
        ("SparkConnect", "sparkoperator.k8s.io"),
        ("Tenant", "minio.min.io"),
        ("VMCluster", "operator.victoriametrics.com"),
        ("VMSingle", "operator.victoriametrics.com"),
        ("postgresql", "acid.zalan.do"),
    }
)


def may_be_made(index: Index, service: Ref) -> Ref | None:
    """The resource of manifests whose operator makes a Service of that name, or may."""
    for kind, group in sorted(_MAKERS):
        for item in index.snapshot.of_kind(kind):
            if not item.api_version.startswith(f"{group}/") or not same_place(item.namespace, service.namespace):
                continue
            if service.name == item.name or service.name.startswith(f"{item.name}-"):
                return item.ref
    return None


def meant_by_operator(index: Index, service: Ref) -> tuple[Ref, Ref] | None:
    """Where the name can only be an operator's and no resource is called so: the Service of the only resource of the namespace, and that resource."""
    for kind, group, form in _NAMED:
        match = form.fullmatch(service.name)
        made = [
            item
            for item in index.snapshot.of_kind(kind)
            if item.namespace == service.namespace and item.api_version.startswith(group)
        ]
        if match and len(made) == 1 and made[0].name != match["name"]:
            return Ref("Service", service.namespace, made[0].name + match["end"]), made[0].ref
    return None
