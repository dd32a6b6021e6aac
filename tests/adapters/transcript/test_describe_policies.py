"""Descriptions of NetworkPolicies and ConfigMaps, as kubectl 1.36 prints them."""

from __future__ import annotations

import pytest

from seakeep.adapters.transcript.read import read_transcript
from seakeep.model.objects import ConfigMap, NetworkPolicy, Requirement
from seakeep.model.objects.network import IpBlock, NetworkPolicySpec, PolicyPort
from seakeep.model.snapshot import Depth

POLICIES = """\
$ kubectl describe networkpolicy -n shop
Name:         db
Namespace:    shop
Created on:   2026-11-25 13:31:24 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     app=db,!legacy,owner,tier in (a,b),x notin (y)
  Allowing ingress traffic:
    To Port: 5432/TCP
    To Port: metrics/TCP
    To Port Range: 8000-9000/TCP
    To Port: <nil>/UDP
    From:
      NamespaceSelector: team=shop
      PodSelector: app=api
    From:
      PodSelector: <none>
    From:
      NamespaceSelector: <none>
    From:
      IPBlock:
        CIDR: 10.0.0.0/8
        Except: 10.1.0.0/16, 10.2.0.0/16
    ----------
    To Port: <any> (traffic allowed to all ports)
    From: <any> (traffic not restricted by source)
  Not affecting egress traffic
  Policy Types: Ingress


Name:         default-deny
Namespace:    shop
Created on:   2026-11-25 13:31:24 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)
  Allowing ingress traffic:
    <none> (Selected pods are isolated for ingress connectivity)
  Allowing egress traffic:
    <none> (Selected pods are isolated for egress connectivity)
  Policy Types: Ingress, Egress


Name:         out
Namespace:    shop
Created on:   2026-11-25 13:31:24 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     app=api
  Not affecting ingress traffic
  Allowing egress traffic:
    To Port: 53/UDP
    To:
      IPBlock:
        CIDR: 0.0.0.0/0
        Except:\x20
    ----------
    To Port: <any> (traffic allowed to all ports)
    To:
      PodSelector: app=db
  Policy Types: Egress
"""
CONFIG = """\
$ kubectl describe cm coredns -n kube-system
Name:         coredns
Namespace:    kube-system
Labels:       <none>
Annotations:  <none>

Data
====
empty:
----


other.yaml:
----
a: 1


Corefile:
----
.:53 {
    errors

    kubernetes cluster.local {
       ttl 30
    }
}



BinaryData
====

Events:  <none>
"""


@pytest.fixture(scope="module")
def specs() -> dict[str, NetworkPolicySpec]:
    snapshot = read_transcript(POLICIES, "test")
    found = {item.name: item for item in snapshot.all(NetworkPolicy)}
    assert {snapshot.depth(item.ref) for item in found.values()} == {Depth.DESCRIBED}
    return {name: item.spec for name, item in found.items()}


def test_selector_of_every_operator(specs: dict[str, NetworkPolicySpec]) -> None:
    selector = specs["db"].pod_selector
    assert selector.match_labels == {"app": "db"}
    assert selector.match_expressions == (
        Requirement(key="legacy", operator="DoesNotExist"),
        Requirement(key="owner", operator="Exists"),
        Requirement(key="tier", operator="In", values=("a", "b")),
        Requirement(key="x", operator="NotIn", values=("y",)),
    )


def test_peers_and_ports_of_a_rule(specs: dict[str, NetworkPolicySpec]) -> None:
    first, second = specs["db"].ingress
    both, bare, anywhere, block = first.peers
    assert both.pod_selector
    assert both.pod_selector.match_labels == {"app": "api"}
    assert both.namespace_selector
    assert both.namespace_selector.match_labels == {"team": "shop"}
    assert bare.pod_selector is not None
    assert bare.namespace_selector is None
    assert anywhere.pod_selector is None
    assert anywhere.namespace_selector is not None
    assert block.ip_block == IpBlock(cidr="10.0.0.0/8", excluded=("10.1.0.0/16", "10.2.0.0/16"))
    assert first.ports == (
        PolicyPort(port=5432),
        PolicyPort(port="metrics"),
        PolicyPort(port=8000, end_port=9000),
        PolicyPort(protocol="UDP"),
    )
    assert not second.peers
    assert not second.ports


def test_directions(specs: dict[str, NetworkPolicySpec]) -> None:
    assert {name: set(spec.policy_types) for name, spec in specs.items()} == {
        "db": {"Ingress"},
        "default-deny": {"Ingress", "Egress"},
        "out": {"Egress"},
    }
    assert specs["default-deny"] == NetworkPolicySpec(policy_types=specs["default-deny"].policy_types)
    assert [len(rule.peers) for rule in specs["out"].egress] == [1, 1]
    assert specs["out"].egress[0].peers[0].ip_block == IpBlock(cidr="0.0.0.0/0")


def test_table_shows_the_whole_selector() -> None:
    table = "$ kubectl get netpol -n shop\nNAME   POD-SELECTOR               AGE\ndb     app=db,tier in (a,b),!x   2m\nall    <none>                     2m\n"
    whole, db = read_transcript(table, "test").all(NetworkPolicy)
    assert not whole.spec.pod_selector.match_labels
    assert {part.operator for part in db.spec.pod_selector.match_expressions} == {"In", "DoesNotExist"}


def test_config_map() -> None:
    (item,) = read_transcript(CONFIG, "test").all(ConfigMap)
    assert item.data == {
        "empty": "",
        "other.yaml": "a: 1\n",
        "Corefile": ".:53 {\n    errors\n\n    kubernetes cluster.local {\n       ttl 30\n    }\n}\n",
    }
