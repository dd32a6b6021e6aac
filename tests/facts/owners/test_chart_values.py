"""Changes of objects that charts made, as values of their releases: objects as the charts' templates make them."""

from __future__ import annotations

from typing import Any

import yaml

from seakeep.facts.index import Index
from seakeep.facts.owners.chart_values import Values, values_of
from seakeep.model.change import Risk
from seakeep.model.plan import Base, Planned, Reason, Undo
from seakeep.model.refs import Ref
from seakeep.render.plan.values import values_files, values_yaml
from seakeep.testing.cases import snapshot_of

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


def test_what_no_release_made_has_no_values() -> None:
    own = {**BROKER, "metadata": {**BROKER["metadata"], "annotations": {}}}
    assert found(change(own, container("kafka", resources=REQUESTS)), objects=(own,)) == []


def test_hostile_text_stays_in_its_comment() -> None:
    item = change(BROKER, container("kafka", resources=REQUESTS))
    reasons = (Reason("r", item.target, "line\nbroken: true\x1b[31m"),)
    (values,) = found(Planned(item.id, item.target, item.api_version, item.patch, (), item.risk, reasons, Base(), Undo()))  # fmt: skip
    assert yaml.safe_load(values_yaml(values)) == {"broker": {"resources": REQUESTS}}
    assert "\x1b" not in values_yaml(values)
