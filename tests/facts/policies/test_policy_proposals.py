"""Policies for a namespace from who connects to it, and what stands against them."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.catalog.loader import services
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.facts.policies.policy_doubts import newly_barred
from seakeep.facts.policies.policy_proposals import UnknownError, policies_for
from seakeep.testing.cases import snapshot_of

Object = dict[str, Any]


def _workload(name: str, namespace: str, **fields: Any) -> Object:
    labels = {"app": name}
    container = {"name": name, "image": fields.pop("image", "ours/it:1"), "env": fields.pop("env", [])}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **fields}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"kind": "Deployment", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _service(name: str, namespace: str, **fields: Any) -> Object:
    spec = {"selector": {"app": name}, "ports": [{"port": 5432}], **fields}
    return {"kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _index(*objects: Object) -> Index:
    return Index(snapshot_of({"objects": list(objects)}), recognising(services()))


CONSUMER = {"name": "DATABASE_URL", "value": "postgresql://db.shop.svc.cluster.local:5432/x"}
DB = (_workload("db", "shop"), _service("db", "shop"))


def test_consumers_of_other_namespaces_keep_their_port() -> None:
    found = policies_for(_index(*DB, _workload("bi", "bi", env=[CONSUMER])), "shop")
    assert found["same-namespace"]["ingress"] == [{"from": [{"podSelector": {}}]}]
    (rule,) = found["db-ingress"]["ingress"]
    assert rule["ports"] == [{"port": 5432, "protocol": "TCP"}]
    (peer,) = rule["from"]
    assert peer["podSelector"] == {"matchLabels": {"app": "bi"}}
    assert peer["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "bi"}}


def test_no_selector_means_pods_on_the_hosts_network() -> None:
    found = policies_for(_index(*DB, _workload("bi", "bi", env=[CONSUMER], hostNetwork=True)), "shop")
    assert found["db-ingress"]["ingress"] == [{"ports": [{"port": 5432, "protocol": "TCP"}]}]


def test_an_open_port_stays_open() -> None:
    found = policies_for(_index(_workload("db", "shop"), _service("db", "shop", type="NodePort")), "shop")
    assert found["db-ingress"]["ingress"] == [{"ports": [{"port": 5432, "protocol": "TCP"}]}]


def test_the_api_server_reaches_webhooks() -> None:
    hook = {
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "w"},
        "webhooks": [
            {"name": "w.example.com", "clientConfig": {"service": {"name": "db", "namespace": "shop", "port": 5432}}}
        ],
    }
    assert policies_for(_index(*DB, hook), "shop")["db-ingress"]["ingress"] == [
        {"ports": [{"port": 5432, "protocol": "TCP"}]}
    ]


def test_scrapers_find_their_targets_themselves() -> None:
    found = policies_for(_index(*DB, _workload("prometheus", "monitoring", image="prom/prometheus:v3")), "shop")
    assert len(found["same-namespace"]["ingress"][0]["from"]) == 2


def test_a_gateway_whose_routes_are_not_seen_may_go_everywhere() -> None:
    door = (_workload("kong", "edge", image="kong:3.9"), _service("kong", "edge", type="LoadBalancer"))
    assert len(policies_for(_index(*DB, *door), "shop")["same-namespace"]["ingress"][0]["from"]) == 2


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            _workload("bi", "bi", env=[{"name": "DB_URL", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
            "which Service Deployment bi/bi connects to (DB_URL comes from a Secret)",
        ),
        (
            _workload("bi", "bi", env=[{"name": "DB_URL", "value": "postgresql://gone:5432/x"}]),
            "where gone of Deployment bi/bi is to lead once it is repaired",
        ),
    ],
)
def test_what_is_not_known_is_asked(other: Object, told: str) -> None:
    with pytest.raises(UnknownError) as caught:
        policies_for(_index(*DB, other), "shop")
    assert str(caught.value) == told


def test_policies_that_bar_a_connection_are_noticed() -> None:
    index = _index(*DB, _workload("bi", "bi", env=[CONSUMER]))
    own: Object = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]}
    (barred,) = newly_barred(index, "shop", {"own": own})
    assert barred.source is not None
    assert barred.source.name == "bi"
    wrong_port = {"podSelector": {}, "ingress": [{"ports": [{"port": 5433}]}]}
    assert list(newly_barred(index, "shop", {"own": wrong_port}))
    assert not list(newly_barred(index, "shop", {"own": {"podSelector": {"matchLabels": {"app": "other"}}}}))


def test_anybody_is_no_pod() -> None:
    index = _index(_workload("db", "shop"), _service("db", "shop", type="LoadBalancer"))
    pods = {"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": {}}]}]}
    assert list(newly_barred(index, "shop", {"all-pods": pods}))
    assert not list(newly_barred(index, "shop", {"open": {"podSelector": {}, "ingress": [{}]}}))
