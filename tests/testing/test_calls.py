"""Whether calls get through on the testbed: names, endpoints and policies, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.testing.testbed.calls import Cluster

Object = dict[str, Any]


def _pod(name: str, address: str = "10.244.0.5", namespace: str = "data", **labels: str) -> Object:
    container = {"name": "main", "ports": [{"name": "db", "containerPort": 5432}]}
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"metadata": metadata, "spec": {"containers": [container]}, "status": {"podIP": address}}


def _service(name: str, namespace: str = "data", **spec: Any) -> Object:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _slice(service: str, pod: str, *, ready: bool = True) -> Object:
    endpoint = {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": pod}}
    metadata = {"name": f"{service}-1", "namespace": "data", "labels": {"kubernetes.io/service-name": service}}
    return {"metadata": metadata, "ports": [{"name": "db", "port": 5432}], "endpoints": [endpoint]}


def _policy(namespace: str = "data", **spec: Any) -> Object:
    return {"metadata": {"name": "policy", "namespace": namespace}, "spec": spec}


_CALLER = _pod("caller", "10.244.1.7", app="caller")
_PORT: Object = {"ports": [{"name": "db", "port": 15432}]}


def _cluster(*policies: Object, ready: bool = True) -> Cluster:
    services = [
        _service("postgres", **_PORT),
        _service("alias", type="ExternalName", externalName="postgres.data.svc.cluster.local"),
        _service("gone", type="ExternalName", externalName="postgres.other.svc.cluster.local"),
        _service("outside", type="ExternalName", externalName="db.example.org"),
        _service("round", type="ExternalName", externalName="round.data.svc"),
    ]
    spaces = [{"metadata": {"name": name, "labels": {"name": name}}} for name in ("data", "web")]
    pods = [_pod("postgres-0", app="postgres"), _CALLER, _pod("web", "10.244.1.9", "web", app="caller")]
    return Cluster(services, [_slice("postgres", "postgres-0", ready=ready)], policies, spaces, pods)


@pytest.mark.parametrize(
    ("host", "port", "answers"),
    [
        ("postgres", 15432, True),
        ("postgres.data", 15432, True),
        ("postgres.data.svc", 15432, True),
        ("postgres.data.svc.cluster.local.", 15432, True),
        ("alias", 15432, True),
        ("postgres", 5432, False),  # the pod's port, not the Service's
        ("postgres.web", 15432, False),
        ("postgres.data.example.org", 15432, False),
        ("redis", 15432, False),
        ("gone", 15432, False),
        ("outside", 15432, False),
        ("round", 15432, False),
    ],
)
def test_names(host: str, port: int, *, answers: bool) -> None:
    assert _cluster().answers(_CALLER, host, port) is answers


def test_an_endpoint_that_is_not_ready_does_not_answer() -> None:
    assert not _cluster(ready=False).answers(_CALLER, "postgres", 15432)


def _ingress(*rules: Object) -> Object:
    return _policy(podSelector={"matchLabels": {"app": "postgres"}}, policyTypes=["Ingress"], ingress=list(rules))


def _from(**peer: Any) -> Object:
    return {"from": [peer]}


@pytest.mark.parametrize(
    ("policies", "answers"),
    [
        ([_ingress()], False),
        ([_ingress({})], True),
        ([_policy(podSelector={"matchLabels": {"app": "other"}}, policyTypes=["Ingress"])], True),
        ([_policy("web", podSelector={}, policyTypes=["Ingress"])], True),
        ([_ingress(_from(podSelector={"matchLabels": {"app": "caller"}}))], True),
        ([_ingress(_from(podSelector={"matchLabels": {"app": "other"}}))], False),
        ([_ingress(_from(namespaceSelector={"matchLabels": {"name": "web"}}))], False),
        ([_ingress(_from(namespaceSelector={}, podSelector={"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}))], True),
        ([_ingress(_from(ipBlock={"cidr": "10.244.1.0/24"}))], True),
        ([_ingress(_from(ipBlock={"cidr": "10.244.0.0/16", "except": ["10.244.1.0/24"]}))], False),
        ([_ingress({"ports": [{"port": 5432}]})], True),
        ([_ingress({"ports": [{"port": "db"}]})], True),
        ([_ingress({"ports": [{"port": 5000, "endPort": 6000}]})], True),
        ([_ingress({"ports": [{"port": 15432}]})], False),
        ([_ingress({"ports": [{"port": 5432, "protocol": "UDP"}]})], False),
        ([_ingress(), _ingress({})], True),
        ([_policy(podSelector={}, policyTypes=["Egress"])], False),
        ([_policy(podSelector={}, egress=[{"to": [{"podSelector": {"matchLabels": {"app": "postgres"}}}]}], ingress=[{}])], True),
        ([_policy(podSelector={"matchLabels": {"app": "caller"}}, egress=[{"ports": [{"port": 53}]}])], False),
    ],
)  # fmt: skip
def test_policies(policies: list[Object], *, answers: bool) -> None:
    assert _cluster(*policies).answers(_CALLER, "postgres", 15432) is answers
