"""Cluster-wide policies: tiers, priorities, actions, peers and ports of policy.networking.k8s.io."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict
from seakeep.twin.network.reach import reach
from tests.twin.network.worlds import EVERYONE, Object, Who, ask, network, objects, policy

X_A, Y_A, Z_A = Who("x", "a"), Who("y", "a"), Who("z", "a")
EVERY: Object = {"namespaces": {}}
IN_X: Object = {"namespaces": {"matchLabels": {"ns": "x"}}}
DENY_X = policy("closed", "x", policyTypes=["Ingress"])
OPEN_X = policy("open", "x", policyTypes=["Ingress"], ingress=[{}])


def admin(name: str, priority: int, *ingress: Object, subject: Object = IN_X) -> Object:
    spec = {"priority": priority, "subject": subject, "ingress": list(ingress), "egress": []}
    return made("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", name, spec)


def baseline(*ingress: Object) -> Object:
    spec = {"subject": IN_X, "ingress": list(ingress)}
    return made("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "default", spec)


def cluster(
    tier: str, name: str, priority: int, *ingress: Object, egress: tuple[Object, ...] = (), subject: Object = IN_X
) -> Object:
    spec = {"tier": tier, "priority": priority, "subject": subject, "ingress": list(ingress), "egress": list(egress)}
    return made("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", name, spec)


def made(version: str, kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def rule(action: str, *peers: Object, **more: Any) -> Object:
    return {"action": action, "from": list(peers or (EVERY,)), **more}


def outward(action: str, *peers: Object, **more: Any) -> Object:
    return {"action": action, "to": list(peers), **more}


FROM_Y: Object = {"namespaces": {"matchLabels": {"ns": "y"}}}
A_IN_Y: Object = {
    "pods": {"namespaceSelector": {"matchLabels": {"ns": "y"}}, "podSelector": {"matchLabels": {"pod": "a"}}}
}


@pytest.mark.parametrize(
    ("policies", "reached"),
    [
        # x/a asked from y and z, at 80/TCP
        ([admin("one", 1, rule("Deny", FROM_Y))], "z"),
        ([admin("one", 1, rule("Deny", A_IN_Y))], "z"),
        ([admin("one", 1, rule("Allow", FROM_Y)), DENY_X], "y"),
        ([admin("one", 1, rule("Deny", FROM_Y)), OPEN_X], "z"),
        # the lower number is asked first, then the rules in their order
        ([admin("one", 9, rule("Deny")), admin("two", 1, rule("Allow", FROM_Y))], "y"),
        ([admin("one", 1, rule("Deny")), admin("two", 9, rule("Allow", FROM_Y))], ""),
        ([admin("one", 1, rule("Allow", FROM_Y), rule("Deny"))], "y"),
        ([admin("one", 1, rule("Deny"), rule("Allow", FROM_Y))], ""),
        # Pass goes on to NetworkPolicies, past the rest of the tier
        ([admin("one", 1, rule("Pass", FROM_Y), rule("Deny"))], "y"),
        ([admin("one", 1, rule("Pass", FROM_Y)), admin("two", 2, rule("Deny"))], "y"),
        ([admin("one", 1, rule("Pass", FROM_Y)), admin("two", 2, rule("Allow")), DENY_X], "z"),
        # Baseline: where no NetworkPolicy selects the pod
        ([baseline(rule("Deny", FROM_Y))], "z"),
        ([baseline(rule("Deny")), OPEN_X], "yz"),
        ([baseline(rule("Allow")), DENY_X], ""),
        ([baseline(rule("Allow", FROM_Y), rule("Deny"))], "y"),
        ([admin("one", 1, rule("Pass")), baseline(rule("Deny", FROM_Y))], "z"),
        ([admin("one", 1, rule("Allow")), baseline(rule("Deny"))], "yz"),
        # other subjects
        ([admin("one", 1, rule("Deny"), subject={"namespaces": {"matchLabels": {"ns": "z"}}})], "yz"),
        (
            [
                admin(
                    "one",
                    1,
                    rule("Deny"),
                    subject={"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"pod": "b"}}}},
                )
            ],
            "yz",
        ),
        # ports of v1alpha1
        ([admin("one", 1, rule("Deny", ports=[{"portNumber": {"protocol": "TCP", "port": 80}}]))], ""),
        ([admin("one", 1, rule("Deny", ports=[{"portNumber": {"protocol": "UDP", "port": 80}}]))], "yz"),
        ([admin("one", 1, rule("Deny", ports=[{"portRange": {"protocol": "TCP", "start": 70, "end": 80}}]))], ""),
        ([admin("one", 1, rule("Deny", ports=[{"portRange": {"protocol": "TCP", "start": 81, "end": 90}}]))], "yz"),
        ([admin("one", 1, rule("Deny", ports=[{"namedPort": "p80-tcp"}]))], ""),
        ([admin("one", 1, rule("Deny", ports=[{"namedPort": "p81-tcp"}]))], "yz"),
        # v1alpha2
        ([cluster("Admin", "one", 1, rule("Accept", FROM_Y)), DENY_X], "y"),
        ([cluster("Admin", "one", 1, rule("Deny", FROM_Y)), OPEN_X], "z"),
        ([cluster("Baseline", "one", 1, rule("Deny", FROM_Y)), OPEN_X], "yz"),
        ([cluster("Baseline", "one", 1, rule("Deny", FROM_Y))], "z"),
        ([cluster("Baseline", "one", 5, rule("Deny")), cluster("Baseline", "two", 1, rule("Accept", FROM_Y))], "y"),
        ([cluster("Admin", "one", 1, rule("Deny", protocols=[{"tcp": {"destinationPort": {"number": 80}}}]))], ""),
        (
            [
                cluster(
                    "Admin",
                    "one",
                    1,
                    rule("Deny", protocols=[{"tcp": {"destinationPort": {"range": {"start": 81, "end": 82}}}}]),
                )
            ],
            "yz",
        ),
        ([cluster("Admin", "one", 1, rule("Deny", protocols=[{"udp": {"destinationPort": {"number": 80}}}]))], "yz"),
        ([cluster("Admin", "one", 1, rule("Deny", protocols=[{"destinationNamedPort": "p80-tcp"}]))], ""),
        # a peer that this version does not know: fail closed
        ([cluster("Admin", "one", 1, rule("Deny", {"unheardOf": {}}))], ""),
        ([cluster("Admin", "one", 1, rule("Accept", {"unheardOf": {}})), DENY_X], ""),
    ],
)
def test_tiers(policies: list[Object], reached: str) -> None:
    world = network([*objects(), *policies])
    found = {who.ns: ask(world, who, X_A, 80) for who in (Y_A, Z_A)}
    assert "".join(ns for ns, answer in found.items() if answer.reached) == reached
    for answer in found.values():
        assert answer.verdict in {Verdict.REACHABLE, Verdict.DROPPED}


def egress(*rules: Object) -> list[Object]:
    return [cluster("Admin", "out", 1, egress=rules)]


@pytest.mark.parametrize(
    ("policies", "open_to"),
    [
        (egress(outward("Deny", {"networks": ["10.0.2.0/24"]})), "xz"),
        (egress(outward("Accept", {"networks": ["10.0.2.1/32"]}), outward("Deny", {"networks": ["0.0.0.0/0"]})), "y"),
        (egress(outward("Deny", {"nodes": {}})), "xyz"),
        (egress(outward("Deny", FROM_Y)), "xz"),
        (egress(outward("Deny", A_IN_Y, protocols=[{"sctp": {}}])), "xyz"),
    ],
)
def test_egress(policies: list[Object], open_to: str) -> None:
    world = network([*objects(), *policies])
    found = "".join(who.ns for who in EVERYONE if who.pod == "a" and ask(world, Who("x", "b"), who, 80).reached)
    assert found == open_to


def outside(policies: list[Object], host: str) -> Answer:
    return reach(network([*objects(), *policies]), Ref("Pod", "x", "a"), host, 443)


def test_domain_names() -> None:
    policies = egress(
        outward("Accept", {"domainNames": ["*.example.com"]}), outward("Deny", {"networks": ["0.0.0.0/0"]})
    )
    # Which address the other name has is not known: the block that denies may hold it.
    assert "nothing in it bars the way" in outside(policies, "api.example.com").path[-1].what
    doubt = outside(policies, "example.com")
    assert doubt.verdict is Verdict.UNKNOWN
    assert doubt.decides is not None
    assert doubt.decides.object == Ref("ClusterNetworkPolicy", "", "out")
    assert outside(policies, "203.0.113.9").verdict is Verdict.DROPPED


def test_nodes_are_peers_by_their_labels() -> None:
    items = [
        *objects(),
        *egress(outward("Deny", {"nodes": {"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}})),
    ]
    assert reach(network(items), Ref("Pod", "x", "a"), "192.168.0.2", 22).verdict is Verdict.DROPPED
    next(item for item in items if item["metadata"]["name"] == "node-2")["metadata"]["labels"] = {"zone": "one"}
    assert reach(network(items), Ref("Pod", "x", "a"), "192.168.0.2", 22).verdict is Verdict.UNKNOWN
    assert reach(network(items), Ref("Pod", "x", "a"), "192.168.0.1", 22).verdict is Verdict.UNKNOWN  # its own node


def test_the_decision_names_policy_and_rule() -> None:
    answer = ask(
        network([*objects(), admin("guard", 1, rule("Allow", FROM_Y), rule("Deny", name="no others"))]), Z_A, X_A, 80
    )
    assert answer.decides is not None
    assert answer.decides.object == Ref("AdminNetworkPolicy", "", "guard")
    assert answer.decides.field == "spec.ingress[1]"
    assert "no others" in answer.decides.what


@pytest.mark.parametrize(
    "spec", [None, 5, {"priority": "high"}, {"subject": {"namespaces": 3}}, {"ingress": [{"from": "all"}]}]
)
def test_a_policy_that_cannot_be_read_leaves_the_answer_open(spec: object) -> None:
    broken: Any = made("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "odd", {})
    broken["spec"] = spec
    answer = ask(network([*objects(), broken]), Y_A, X_A, 80)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.decides is not None
    assert answer.decides.object == Ref("ClusterNetworkPolicy", "", "odd")


def test_another_group_has_no_say() -> None:
    other = made(
        "crd.antrea.io/v1beta1",
        "ClusterNetworkPolicy",
        "other",
        {"tier": "Admin", "subject": IN_X, "ingress": [rule("Deny")]},
    )
    assert ask(network([*objects(), other]), Y_A, X_A, 80).reached


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "SCTP"])
def test_each_protocol_by_its_own_field(protocol: str) -> None:
    """Rules of all three, with different ports."""
    fields = [
        {name: {"destinationPort": {"number": number}}} for name, number in (("tcp", 80), ("udp", 81), ("sctp", 82))
    ]
    world = network([*objects(), cluster("Admin", "one", 1, rule("Deny", protocols=fields))])
    closed = {"TCP": 80, "UDP": 81, "SCTP": 82}[protocol]
    for port in (80, 81, 82):
        dropped = ask(world, Y_A, X_A, port, protocol).verdict is Verdict.DROPPED
        assert dropped == (port == closed)


def test_a_domain_name_means_itself_alone() -> None:
    policies = egress(outward("Accept", {"domainNames": ["example.com"]}), outward("Deny", {"networks": ["0.0.0.0/0"]}))
    assert "nothing in it bars the way" in outside(policies, "example.com").path[-1].what
    for host in ("api.example.com", "notexample.com"):
        answer = outside(policies, host)
        assert answer.decides is not None
        assert answer.decides.object == Ref("ClusterNetworkPolicy", "", "out")
