"""Changes of objects that charts made, as values of their releases: objects as the charts' templates make them."""

from __future__ import annotations

from typing import Any

import yaml
from tests.facts.owners.releases import BROKER, Object, bitnami, made

from seakeep.facts.index import Index
from seakeep.facts.owners.chart_values import Values, values_of
from seakeep.model.change import Risk
from seakeep.model.plan import Base, Planned, Reason, Undo
from seakeep.model.refs import Ref
from seakeep.render.plan.values import values_files, values_yaml
from seakeep.testing.cases import snapshot_of

OLD_KAFKA = bitnami("old-kafka", "kafka-19.0.2", "kafka", "docker.io/bitnami/kafka:3.3.1", "old", "kafka")
SUPERSET = made(
    "Deployment", "bi-superset-worker", "bi", {"app": "superset-worker", "chart": "superset-0.12.7", "release": "bi"}, ("superset", "apachesuperset.docker.scarf.sh/apache/superset:4.0.1")
)  # fmt: skip
SUPERSET_DB = bitnami("bi-postgresql", "postgresql-16.2.1", "primary", "docker.io/bitnami/postgresql:14", "bi", "postgresql")  # fmt: skip
SEARCH = made(
    "StatefulSet", "search-master", "search", {"chart": "elasticsearch", "app": "search-master", "release": "search"}, ("elasticsearch", "docker.elastic.co/elasticsearch/elasticsearch:7.17.3")
)  # fmt: skip


def change(item: Object, pod: Object, *, remove: tuple[str, ...] = (), **spec: Any) -> Planned:
    ref = Ref(item["kind"], "lake", item["metadata"]["name"])
    patch = {"spec": {**spec, **({"template": {"spec": pod}} if pod else {})}}
    return _planned(ref, patch, ref, remove)


def _planned(ref: Ref, patch: Object, about: Ref, remove: tuple[str, ...] = ()) -> Planned:
    reasons = (Reason("some-rule", about, "because of 3 figures"),)
    return Planned(str(ref), ref, "apps/v1", patch, remove, Risk.MEDIUM, reasons, Base(), Undo())


def budget(item: Object) -> Planned:
    ref = Ref("PodDisruptionBudget", "lake", item["metadata"]["name"])
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"a": "b"}}}
    return _planned(ref, {"metadata": {"labels": {"a": "b"}}, "spec": spec}, Ref(item["kind"], "lake", item["metadata"]["name"]))  # fmt: skip


def found(*changes: Planned, objects: tuple[Object, ...] = (BROKER, OLD_KAFKA, SUPERSET, SUPERSET_DB, SEARCH)) -> list[Values]:  # fmt: skip
    return list(values_of(Index(snapshot_of({"objects": list(objects)})), changes))


def container(name: str, **fields: Any) -> Object:
    return {"containers": [{"name": name, **fields}]}


REQUESTS = {"requests": {"cpu": "1", "memory": "2Gi"}}


def test_a_broker_of_bitnami_by_its_component() -> None:
    pod = {**container("kafka", resources=REQUESTS, livenessProbe={"timeoutSeconds": 5}, readinessProbe={"tcpSocket": {"port": 9092}}), "terminationGracePeriodSeconds": 120}  # fmt: skip
    (values,) = found(change(BROKER, pod, replicas=3), budget(BROKER))
    assert values.release == ("lake", "events")
    assert yaml.safe_load(values_yaml(values)) == {
        "broker": {
            "resources": REQUESTS,
            "livenessProbe": {"timeoutSeconds": 5},
            "customReadinessProbe": {"tcpSocket": {"port": 9092}},
            "terminationGracePeriodSeconds": 120,
            "replicaCount": 3,
            "pdb": {"create": True, "maxUnavailable": 1, "minAvailable": None},
        }
    }
    assert values.unknown == ()


def test_each_key_says_which_change_it_stands_for() -> None:
    (values,) = found(change(BROKER, container("kafka", resources=REQUESTS)))
    assert values_yaml(values).splitlines()[1:4] == [
        "# Keys of chart kafka-26.8.5 are those of github.com/bitnami/charts bitnami/kafka.",
        "broker:",
        "  # StatefulSet lake/events-kafka-broker spec.template.spec.containers[name=kafka].resources (some-rule: because of 3 figures)",
    ]
    assert list(values_files([values])) == ["values/lake-events.yaml"]


def test_what_no_key_is_known_for_is_listed() -> None:
    """A sidecar, labels, and what is taken away."""
    pod = {**container("metrics", resources=REQUESTS), "hostPID": False}
    (values,) = found(change(BROKER, pod, remove=("spec.template.spec.hostNetwork",)))
    assert values.values == ()
    assert [text for _, text in values.unknown] == [
        "spec.template.spec.containers[name=metrics].resources",
        "spec.template.spec.hostPID",
        "without spec.template.spec.hostNetwork",
    ]
    assert "#   StatefulSet lake/events-kafka-broker: spec.template.spec.hostPID\n" in values_yaml(values)  # fmt: skip


def test_a_chart_of_before_the_keys_that_are_known() -> None:
    """Before 24, brokers had no part of their own."""
    (values,) = found(change(OLD_KAFKA, container("kafka", resources=REQUESTS)))
    assert (values.values, len(values.unknown)) == ((), 1)


def test_a_chart_of_the_same_name_by_somebody_else() -> None:
    other = bitnami("events-kafka-broker", "kafka-26.8.5", "broker", "apache/kafka:4.1.0", "events", "kafka")
    (values,) = found(change(other, container("kafka", resources=REQUESTS)), objects=(other,))
    assert (values.values, len(values.unknown)) == ((), 1)


def test_a_worker_of_superset_and_the_database_that_its_chart_brings_along() -> None:
    one = change(SUPERSET, container("superset", resources=REQUESTS))
    two = change(SUPERSET_DB, {**container("postgresql", resources=REQUESTS), "priorityClassName": "data"}, replicas=2)
    (values,) = found(one, two)
    assert yaml.safe_load(values_yaml(values)) == {
        "supersetWorker": {"resources": REQUESTS},
        "postgresql": {"primary": {"resources": REQUESTS, "priorityClassName": "data"}},
    }
    # There is one primary, whatever is wished.
    assert [text for _, text in values.unknown] == ["spec.replicas"]


def test_a_part_of_a_chart_that_nobody_knows() -> None:
    """Under which name its values stand is the outer chart's to say."""
    outer = made("Deployment", "shop", "bi", {"helm.sh/chart": "shop-1.0.0"}, ("shop", "example/shop:1"))
    two = change(SUPERSET_DB, container("postgresql", resources=REQUESTS))
    (values,) = found(two, objects=(outer, SUPERSET_DB))
    assert (values.values, len(values.unknown)) == ((), 1)


def test_elastic_has_names_of_its_own() -> None:
    env = [{"name": "ES_JAVA_OPTS", "value": "-Xmx1g"}]
    pod = {**container("elasticsearch", env=env, securityContext={"runAsUser": 1000}), "terminationGracePeriodSeconds": 300, "securityContext": {"fsGroup": 1000}}  # fmt: skip
    (values,) = found(change(SEARCH, pod))
    assert yaml.safe_load(values_yaml(values)) == {
        "extraEnvs": env,
        "securityContext": {"runAsUser": 1000},
        "podSecurityContext": {"fsGroup": 1000},
        "terminationGracePeriod": 300,
    }
    assert "# A list: Helm puts it in the place of the one that is there" in values_yaml(values)


def of_chart(kind: str, name: str, release: str, chart: str, image: str, container: str, **labels: str) -> Object:
    return made(kind, name, release, {"helm.sh/chart": chart, **labels}, (container, image))


STACK = (
    made("Deployment", "mon-operator", "mon", {"app": "kube-prometheus-stack-operator", "chart": "kube-prometheus-stack-61.3.0"}, ("kube-prometheus-stack", "quay.io/prometheus-operator/prometheus-operator:v0.75.0")),
    of_chart("Deployment", "mon-grafana", "mon", "grafana-8.3.2", "docker.io/grafana/grafana:11.1.0", "grafana"),
    of_chart("Deployment", "mon-state", "mon", "kube-state-metrics-5.21.0", "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.12.0", "kube-state-metrics", **{"app.kubernetes.io/component": "metrics"}),
    of_chart("DaemonSet", "mon-nodes", "mon", "prometheus-node-exporter-4.37.0", "quay.io/prometheus/node-exporter:v1.8.1", "node-exporter", **{"app.kubernetes.io/component": "metrics"}),
)  # fmt: skip


def test_the_parts_of_kube_prometheus_stack_stand_under_their_names() -> None:
    changes = [
        change(item, container(item["spec"]["template"]["spec"]["containers"][0]["name"], resources=REQUESTS))
        for item in STACK
    ]
    (values,) = found(*changes, objects=STACK)
    assert yaml.safe_load(values_yaml(values)) == {
        name: {"resources": REQUESTS}
        for name in ("prometheusOperator", "grafana", "kube-state-metrics", "prometheus-node-exporter")
    }
    assert values.unknown == ()


def test_grafana_by_itself_and_what_its_chart_calls_otherwise() -> None:
    alone = of_chart("Deployment", "boards", "boards", "grafana-8.3.2", "docker.io/grafana/grafana:11.1.0", "grafana")
    pod = {**container("grafana", securityContext={"privileged": False}), "securityContext": {"runAsUser": 472}}
    (values,) = found(change(alone, pod, strategy={"type": "Recreate"}), budget(alone), objects=(alone,))
    assert yaml.safe_load(values_yaml(values)) == {
        "containerSecurityContext": {"privileged": False},
        "securityContext": {"runAsUser": 472},
        "deploymentStrategy": {"type": "Recreate"},
    }
    # Its budget has no switch, so that what to take away from the chart's own is not known.
    assert [text for _, text in values.unknown] == ["spec"]


def test_minio_kuberay_and_the_history_server() -> None:
    store = made("StatefulSet", "store", "store", {"app": "minio", "chart": "minio-5.2.0", "release": "store"}, ("minio", "quay.io/minio/minio:RELEASE.2024-04-18T19-09-19Z"))  # fmt: skip
    ray = of_chart("Deployment", "ray", "ray", "kuberay-operator-1.2.2", "quay.io/kuberay/operator:v1.2.2", "kuberay-operator", **{"app.kubernetes.io/component": "kuberay-operator"})  # fmt: skip
    past = of_chart("Deployment", "past", "past", "spark-history-server-1.5.0", "docker.io/apache/spark:3.5.6", "spark-history-server")  # fmt: skip
    changes = (
        change(store, {**container("minio", resources=REQUESTS), "priorityClassName": "data"}),
        budget(store),
        change(ray, container("kuberay-operator", resources=REQUESTS, securityContext={"runAsNonRoot": True})),
        change(past, container("spark-history-server", securityContext={"runAsNonRoot": True}), replicas=2),
    )  # fmt: skip
    values = {item.release[1]: item for item in found(*changes, objects=(store, ray, past))}
    assert {name: yaml.safe_load(values_yaml(item)) for name, item in values.items()} == {
        "store": {
            "resources": REQUESTS,
            "priorityClassName": "data",
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1, "minAvailable": None},
        },
        "ray": {"resources": REQUESTS, "securityContext": {"runAsNonRoot": True}},
        "past": {"replicaCount": 2},
    }
    assert [text for _, text in values["past"].unknown] == ["spec.template.spec.containers[name=spark-history-server].securityContext"]  # fmt: skip


def test_what_no_release_made_has_no_values() -> None:
    own = {**BROKER, "metadata": {**BROKER["metadata"], "annotations": {}}}
    assert found(change(own, container("kafka", resources=REQUESTS)), objects=(own,)) == []


def test_hostile_text_stays_in_its_comment() -> None:
    item = change(BROKER, container("kafka", resources=REQUESTS))
    reasons = (Reason("r", item.target, "line\nbroken: true\x1b[31m"),)
    (values,) = found(Planned(item.id, item.target, item.api_version, item.patch, (), item.risk, reasons, Base(), Undo()))  # fmt: skip
    assert yaml.safe_load(values_yaml(values)) == {"broker": {"resources": REQUESTS}}
    assert "\x1b" not in values_yaml(values)
