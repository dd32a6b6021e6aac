"""States that cannot be, or should not: an answer, never a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer
from seakeep.twin.network.reach import reach
from tests.twin.network.worlds import Object, Who, ask, network, objects, pod, policy


@pytest.mark.parametrize(
    "spec",
    [
        {"ingress": [{"from": [{"ipBlock": {"cidr": "nonsense"}}]}]},
        {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["also nonsense"]}}]}]},
        {"ingress": [{"ports": [{"port": 81, "endPort": 80}]}]},
        {"ingress": [{"ports": [{"port": "²"}]}]},
        {"ingress": [{"ports": [{"port": -5}]}]},
        {"ingress": [{"ports": [{"port": "p80-tcp", "endPort": 90}]}]},
        {"ingress": [{"from": [{}]}]},
        {"policyTypes": ["Sideways"]},
        {"podSelector": {"matchExpressions": [{"key": "pod", "operator": "Resembles", "values": []}]}},
    ],
)
def test_policies_that_the_api_server_would_refuse(spec: Object) -> None:
    for port in (80, 81):
        assert isinstance(
            ask(network([*objects(), policy("odd", "x", **spec)]), Who("y", "a"), Who("x", "a"), port), Answer
        )


def test_pods_on_a_node_that_is_not_there_and_without_a_namespace() -> None:
    lost = pod("nowhere", "lost", "10.8.0.1", "gone", {}, [{"containerPort": 80}])
    assert reach(network([*objects(), lost]), Ref("Pod", "nowhere", "lost"), "10.0.1.1", 80).reached
    assert ask(network([*objects(), lost]), Who("x", "a"), Who("x", "b"), 80).reached


def test_owners_in_a_circle() -> None:
    def owned(name: str, by: str) -> Object:
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": by, "controller": True}
        return {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": name, "namespace": "x", "ownerReferences": [owner]},
        }

    world = network([*objects(), owned("one", "two"), owned("two", "one")])
    assert reach(world, Ref("ReplicaSet", "x", "one"), "10.0.1.1", 80).reached


_names = st.sampled_from(
    [
        "a",
        "one",
        "one.x",
        "one.x.svc",
        "two.y.svc.cluster.local",
        "10-0-1-1.x.pod.cluster.local",
        "..",
        ".",
        "",
        "²",
        "é.x",
        "10.0.1.1.",
        "::1",
        "fe80::1%eth0",
        "*.x.svc.cluster.local",
        "Pod/x",
        "Pod//",
        "Node/",
        "a" * 300,
    ]
)
_service = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["ClusterIP", "ExternalName", "NodePort", "LoadBalancer", "Other"]),
        "clusterIP": st.sampled_from(["", "None", "10.96.0.1", "10.0.1.1", "nonsense"]),
        "externalName": _names,
        "selector": st.sampled_from([{}, {"pod": "a"}, {"pod": ""}]),
        "ports": st.lists(
            st.fixed_dictionaries(
                {"port": st.sampled_from([0, 80, 81, -1, 70000])},
                optional={
                    "targetPort": st.sampled_from([0, 80, "p80-tcp", "²", ""]),
                    "protocol": st.sampled_from(["TCP", "UDP", "QUIC"]),
                    "nodePort": st.sampled_from([0, 80, 30000]),
                },
            ),
            max_size=2,
        ),
        "internalTrafficPolicy": st.sampled_from(["Local", "Cluster", "Elsewhere"]),
        "publishNotReadyAddresses": st.booleans(),
    },
)


@given(
    st.lists(_service, max_size=3),
    _names,
    st.sampled_from([80, 81, 30000]),
    st.sampled_from(["Default", "None", "ClusterFirst", "Other"]),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_services_and_names_of_any_kind(specs: list[Object], host: str, port: int, dns_policy: str) -> None:
    named: list[Any] = [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": space}, "spec": spec}
        for (name, space), spec in zip((("one", "x"), ("two", "y"), ("kube-dns", "kube-system")), specs, strict=False)
    ]
    items = [*objects(), *named]
    next(item for item in items if item["kind"] == "Pod")["spec"]["dnsPolicy"] = dns_policy
    first = reach(network(items), Ref("Pod", "x", "a"), host, port)
    assert first.decides is not None or first.verdict
    assert reach(network(reversed(items)), Ref("Pod", "x", "a"), host, port) == first
