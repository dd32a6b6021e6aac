"""NetworkPolicies against the semantics that networking.k8s.io/v1 documents."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.facts.index import Index
from seakeep.facts.policies.network import barriers
from seakeep.facts.policies.policy_nearness import Closeness
from seakeep.facts.policies.policy_rules import Party
from seakeep.testing.cases import snapshot_of

API = Party("shop", {"app": "api"}, "10.244.1.5")
DB = Party("shop", {"app": "db"}, "10.244.2.5", {"pg": 5432})
REPORT = Party("reports", {"app": "report"}, "10.244.3.5")
ANY: dict[str, Any] = {}


def index(*specs: dict[str, Any], namespaces: dict[str, dict[str, str]] | None = None, **more: Any) -> Index:
    objects = [
        {"kind": "NetworkPolicy", "metadata": {"name": f"p{number}", "namespace": "shop"}, "spec": spec}
        for number, spec in enumerate(specs)
    ]
    objects += [
        {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in (namespaces or {}).items()
    ]
    return Index(snapshot_of({"objects": objects, **more}))


def ingress(*peers: dict[str, Any], ports: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"from": list(peers)} if peers else {}
    return {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{**rule, **({"ports": ports} if ports else {})}]}


def peer(**labels: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": labels}}


@pytest.mark.parametrize(
    ("spec", "admitted"),
    [
        (ingress(peer(app="api")), True),
        (ingress(peer(app="web")), False),
        (ingress(peer(app="web"), peer(app="api")), True),
        (ingress({"podSelector": ANY}), True),
        (ingress(), True),
        ({"podSelector": ANY}, False),
        ({"podSelector": {"matchLabels": {"app": "other"}}}, True),
        # policyTypes: egress rules alone close egress; a policy of type Egress does not close ingress.
        ({"podSelector": ANY, "policyTypes": ["Egress"], "egress": [ANY]}, True),
        ({"podSelector": ANY, "policyTypes": ["Egress"]}, False),
        ({"podSelector": {"matchLabels": {"app": "api"}}, "ingress": [ANY], "egress": []}, True),
        ({"podSelector": {"matchLabels": {"app": "api"}}, "egress": [{"to": [peer(app="web")]}]}, False),
        # ports: numbers, ranges, names of the target's ports, protocols
        (ingress(ports=[{"port": 5432}]), True),
        (ingress(ports=[{"port": 5433}]), False),
        (ingress(ports=[{"port": 5000, "endPort": 5500}]), True),
        (ingress(ports=[{"port": 5000, "endPort": 5431}]), False),
        (ingress(ports=[{"port": "pg"}]), True),
        (ingress(ports=[{"port": "http"}]), False),
        (ingress(ports=[{"port": 5432, "protocol": "UDP"}]), False),
        (ingress(ports=[{"protocol": "TCP"}]), True),
        # address blocks
        (ingress({"ipBlock": {"cidr": "10.244.0.0/16"}}), True),
        (ingress({"ipBlock": {"cidr": "10.244.0.0/16", "except": ["10.244.1.0/24"]}}), False),
        (ingress({"ipBlock": {"cidr": "fd00::/8"}}), False),
        # a selector of namespaces and one of pods in one peer must both fit
        (ingress({"namespaceSelector": {"matchLabels": {"team": "shop"}}, **peer(app="api")}), True),
        (ingress({"namespaceSelector": {"matchLabels": {"team": "other"}}, **peer(app="api")}), False),
        (ingress({"namespaceSelector": ANY, **peer(app="web")}), False),
        (ingress({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}), True),
    ],
)
def test_admission(spec: dict[str, Any], admitted: bool) -> None:
    found = barriers(index(spec, namespaces={"shop": {"team": "shop"}}), API, DB, 5432)
    assert (not found) is admitted


def test_a_bare_pod_selector_means_the_policys_own_namespace() -> None:
    (found,) = barriers(index(ingress(peer(app="report"))), REPORT, DB, 5432)
    assert (found.nearly, found.closeness) == ("namespace", Closeness.SLIP)


def test_policies_add_up() -> None:
    assert not barriers(index({"podSelector": ANY}, ingress(peer(app="api"))), API, DB, 5432)


def test_both_ends_must_admit() -> None:
    closed = index({"podSelector": ANY, "policyTypes": ["Ingress", "Egress"]})
    assert [item.direction for item in barriers(closed, API, DB, 5432)] == ["Egress", "Ingress"]


def test_what_was_not_seen_may_fit() -> None:
    unlabelled = index(ingress({"namespaceSelector": {"matchLabels": {"team": "x"}}}))
    assert not barriers(unlabelled, REPORT, DB, 5432)
    assert not barriers(index(ingress(peer(app="web"))), Party("shop", {}, labels_known=False), DB, 5432)
    assert not barriers(index(ingress({"ipBlock": {"cidr": "192.0.2.0/24"}})), Party("shop", {"a": "b"}), DB, 5432)


@pytest.mark.parametrize(
    ("spec", "nearly"),
    [
        (ingress(peer(app="api"), ports=[{"port": 5433}]), "port"),
        (ingress(peer(app="api"), ports=[{"port": 5432, "protocol": "UDP"}]), "protocol"),
        (ingress(peer(app="apis"), ports=[{"port": 5432}]), "label"),
        (ingress(peer(name="api")), "label"),
        (ingress(peer(app="web")), "peer"),
        ({"podSelector": {"matchLabels": {"app": "dbs"}}, "ingress": [{"from": [peer(app="api")]}]}, "selector"),
    ],
)
def test_the_policy_that_comes_nearest_is_to_blame(spec: dict[str, Any], nearly: str) -> None:
    found = barriers(index({"podSelector": ANY}, spec), API, DB, 5432)
    assert (found[0].policy.name, found[0].nearly) == ("p1", nearly)


def test_hosts_network_is_beyond_policies() -> None:
    assert not barriers(index({"podSelector": ANY}), API, Party("shop", {"app": "db"}, host_network=True), 5432)
