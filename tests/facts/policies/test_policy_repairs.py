"""The policy beside a policy: what it admits is enough, names included, and no more."""

from __future__ import annotations

from typing import Any

from seakeep.catalog.loader import services
from seakeep.engine.traits import recognising
from seakeep.facts.dns.dns_barred import bars_lookups
from seakeep.facts.index import Index
from seakeep.facts.policies.policy_blocks import blocks
from seakeep.facts.policies.policy_repairs import admitting
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of

Object = dict[str, Any]
WEB = Ref("Deployment", "shop", "web")


def _workload(name: str, namespace: str, port: int, protocol: str = "TCP", **container: Any) -> Object:
    item = {"name": name, "image": "ours/it:1", "ports": [{"containerPort": port, "protocol": protocol}], **container}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [item]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"kind": "Deployment", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _service(name: str, namespace: str, app: str, **port: Any) -> Object:
    address = {"data": "10.96.0.20", "kube-system": "10.96.0.10"}[namespace]
    spec = {"selector": {"app": app}, "clusterIP": address, "ports": [port]}
    return {"kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _policy(name: str, **spec: Any) -> Object:
    return {"kind": "NetworkPolicy", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def _index(*objects: Object) -> Index:
    return Index(snapshot_of({"objects": list(objects)}), recognising(services()))


DB = (_workload("db", "data", 5432), _service("db", "data", "db", port=5432))
DNS = (
    _workload("coredns", "kube-system", 5353, "UDP"),
    _service("kube-dns", "kube-system", "coredns", port=53, targetPort=5353, protocol="UDP"),
)
CLOSED = _policy("deny", podSelector={}, policyTypes=["Egress"], egress=[{"to": [{"podSelector": {}}]}])


def _web(address: str) -> Object:
    return _workload("web", "shop", 8080, env=[{"name": "DATABASE_URL", "value": f"postgresql://{address}:5432/x"}])


def test_what_is_called_by_name_can_be_looked_up_as_well() -> None:
    objects = (*DB, *DNS, _web("db.data"), CLOSED)
    before = _index(*objects)
    change = admitting(before, blocks(before))
    assert change is not None
    spec: Any = change.patch["spec"]
    (_, names) = spec["egress"]
    assert names["to"][0]["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    assert names["ports"] == [{"port": 5353, "protocol": "UDP"}, {"port": 5353, "protocol": "TCP"}]
    assert "DNS" in change.why
    after = _index(*objects, _policy(change.target.name, **spec))
    assert (len(blocks(before)), bars_lookups(before, WEB)) == (1, True)
    assert (blocks(after), bars_lookups(after, WEB)) == ((), False)


def test_dns_that_was_not_seen_may_be_anywhere() -> None:
    index = _index(*DB, _web("db.data"), CLOSED)
    change = admitting(index, blocks(index))
    assert change is not None
    spec: Any = change.patch["spec"]
    assert spec["egress"][1] == {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}


def test_an_address_needs_no_looking_up_and_what_is_admitted_no_second_rule() -> None:
    open_dns = _policy(
        "dns", podSelector={}, policyTypes=["Egress"], egress=[{"ports": [{"port": 5353, "protocol": "UDP"}]}]
    )
    for objects in ((*DB, *DNS, _web("10.96.0.20"), CLOSED), (*DB, *DNS, _web("db.data"), CLOSED, open_dns)):
        index = _index(*objects)
        change = admitting(index, blocks(index)[:1])
        assert change is not None
        spec: Any = change.patch["spec"]
        assert len(spec["egress"]) == 1
        assert "DNS" not in change.why
