"""Policies, and by hand which connections they leave: in the situations of the upstream NetworkPolicy conformance cases, and some more.

`open` takes (source, target, port, protocol); a pod always reaches itself. `after` changes the world first: labels of a namespace or a pod.
"""

# ruff: noqa: ARG005 - each table takes the same four arguments

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.twin.network.worlds import Object, Who, policy

Open = Callable[[Who, Who, int, str], bool]
A, B, C = "a", "b", "c"


@dataclass(frozen=True)
class Case:
    name: str
    policies: list[Object]
    open: Open
    # (kind, namespace, name) → labels that are put on it besides its own
    labels: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)


def pods(**labels: str) -> Object:
    return {"podSelector": label(**labels) if labels else {}}


def spaces(**labels: str) -> Object:
    return {"namespaceSelector": label(**labels) if labels else {}}


def block(cidr: str, *excluded: str) -> Object:
    return {"ipBlock": {"cidr": cidr, **({"except": list(excluded)} if excluded else {})}}


def where(key: str, operator: str, *values: str) -> Object:
    part: Object = {"key": key, "operator": operator}
    return {"matchExpressions": [{**part, "values": list(values)} if values else part]}


def port(number: Any = None, protocol: str = "TCP", end: int | None = None) -> Object:
    found: Object = {"protocol": protocol}
    if number is not None:
        found["port"] = number
    if end is not None:
        found["endPort"] = end
    return found


def into(ns: str, who: Object | None, *rules: Object, name: str = "in") -> Object:
    return policy(name, ns, podSelector=who or {}, policyTypes=["Ingress"], ingress=list(rules))


def out_of(ns: str, who: Object | None, *rules: Object, name: str = "out") -> Object:
    return policy(name, ns, podSelector=who or {}, policyTypes=["Egress"], egress=list(rules))


def label(**labels: str) -> Object:
    return {"matchLabels": labels}


POD_A = label(pod="a")
ONLY_A = Who("x", "a")


def to_a(admitted: Open) -> Open:
    """Only x/a is closed, and to it this is open."""
    return lambda s, t, n, p: t != ONLY_A or admitted(s, t, n, p)


def from_a(admitted: Open) -> Open:
    return lambda s, t, n, p: s != ONLY_A or admitted(s, t, n, p)


CASES = [
    Case("no policy", [], lambda s, t, n, p: True),
    Case("ingress is denied by default", [into("x", None)], lambda s, t, n, p: t.ns != "x"),
    Case("egress is denied by default", [out_of("x", None)], lambda s, t, n, p: s.ns != "x"),
    Case(
        "both are denied by default",
        [policy("deny", "x", policyTypes=["Ingress", "Egress"])],
        lambda s, t, n, p: "x" not in {s.ns, t.ns},
    ),
    Case("without types a policy closes ingress alone", [policy("bare", "x")], lambda s, t, n, p: t.ns != "x"),
    Case(
        "without types egress rules close egress too",
        [policy("bare", "x", egress=[{"to": [pods(pod="b")]}])],
        lambda s, t, n, p: t.ns != "x" and (s.ns != "x" or t == Who("x", "b")),
    ),
    Case(
        "types without egress leave its rules idle",
        [policy("idle", "x", policyTypes=["Ingress"], ingress=[{}], egress=[{"to": [pods(pod="b")]}])],
        lambda s, t, n, p: True,
    ),
    Case(
        "a pod of the same namespace",
        [into("x", POD_A, {"from": [pods(pod="b")]})],
        to_a(lambda s, t, n, p: s == Who("x", "b")),
    ),
    Case(
        "every pod of the same namespace", [into("x", POD_A, {"from": [pods()]})], to_a(lambda s, t, n, p: s.ns == "x")
    ),
    Case("every namespace", [into("x", POD_A, {"from": [spaces()]})], lambda s, t, n, p: True),
    Case("another namespace", [into("x", POD_A, {"from": [spaces(ns="y")]})], to_a(lambda s, t, n, p: s.ns == "y")),
    Case(
        "pods by an expression",
        [into("x", POD_A, {"from": [{"podSelector": where("pod", "In", "b")}]})],
        to_a(lambda s, t, n, p: s == Who("x", "b")),
    ),
    Case(
        "namespaces by an expression",
        [into("x", POD_A, {"from": [{"namespaceSelector": where("ns", "In", "y", "z")}]})],
        to_a(lambda s, t, n, p: s.ns in "yz"),
    ),
    Case(
        "pods or namespaces: two peers",
        [into("x", POD_A, {"from": [pods(pod="b"), spaces(ns="y")]})],
        to_a(lambda s, t, n, p: s == Who("x", "b") or s.ns == "y"),
    ),
    Case(
        "pods and namespaces: one peer",
        [into("x", POD_A, {"from": [{**pods(pod="b"), **spaces(ns="y")}]})],
        to_a(lambda s, t, n, p: s == Who("y", "b")),
    ),
    Case(
        "several pods and several namespaces",
        [
            into(
                "x",
                POD_A,
                {
                    "from": [
                        {"namespaceSelector": where("ns", "NotIn", "x"), "podSelector": where("pod", "In", "b", "c")}
                    ]
                },
            )
        ],
        to_a(lambda s, t, n, p: s.ns != "x" and s.pod in "bc"),
    ),
    Case(
        "any of several selectors of pods",
        [into("x", POD_A, {"from": [pods(pod="b"), pods(pod="c")]})],
        to_a(lambda s, t, n, p: s.ns == "x" and s.pod in "bc"),
    ),
    Case(
        "every pod of every namespace but its own",
        [into("x", None, {"from": [{"namespaceSelector": where("ns", "NotIn", "x"), "podSelector": {}}]})],
        lambda s, t, n, p: t.ns != "x" or s.ns != "x",
    ),
    Case("one port", [into("x", POD_A, {"ports": [port(81)]})], to_a(lambda s, t, n, p: n == 81 and p == "TCP")),
    Case(
        "one port, from one namespace",
        [into("x", POD_A, {"from": [spaces(ns="y")], "ports": [port(81)]})],
        to_a(lambda s, t, n, p: s.ns == "y" and n == 81 and p == "TCP"),
    ),
    Case(
        "peers and ports of one rule go together, rules do not",
        [
            into(
                "x",
                POD_A,
                {"from": [spaces(ns="y")], "ports": [port(80)]},
                {"from": [spaces(ns="z")], "ports": [port(81)]},
            )
        ],
        to_a(lambda s, t, n, p: p == "TCP" and (s.ns, n) in {("y", 80), ("z", 81)}),
    ),
    Case(
        "two policies on one pod add up",
        [into("x", POD_A, {"ports": [port(80)]}, name="one"), into("x", None, {"from": [spaces(ns="y")]}, name="two")],
        lambda s, t, n, p: t.ns != "x" or s.ns == "y" or (t == ONLY_A and (n, p) == (80, "TCP")),
    ),
    Case("everything is admitted", [into("x", None, {})], lambda s, t, n, p: True),
    Case(
        "one that admits all takes precedence over one that denies",
        [into("x", None, name="deny"), into("x", None, {}, name="allow")],
        lambda s, t, n, p: True,
    ),
    Case(
        "one that lets all out takes precedence over one that denies",
        [out_of("x", None, name="deny"), out_of("x", None, {}, name="allow")],
        lambda s, t, n, p: True,
    ),
    Case(
        "a named port", [into("x", POD_A, {"ports": [port("p80-tcp")]})], to_a(lambda s, t, n, p: (n, p) == (80, "TCP"))
    ),
    Case(
        "a named port, from one namespace",
        [into("x", POD_A, {"from": [spaces(ns="x")], "ports": [port("p80-tcp")]})],
        to_a(lambda s, t, n, p: s.ns == "x" and (n, p) == (80, "TCP")),
    ),
    Case(
        "a named port on the way out is the target's",
        [out_of("x", POD_A, {"ports": [port("p81-udp", "UDP")]})],
        from_a(lambda s, t, n, p: (n, p) == (81, "UDP")),
    ),
    Case(
        "a name of another protocol is no name",
        [into("x", POD_A, {"ports": [port("p80-udp")]})],
        to_a(lambda s, t, n, p: False),
    ),
    Case("a port that nobody has", [into("x", POD_A, {"ports": [port("nowhere")]})], to_a(lambda s, t, n, p: False)),
    Case(
        "a range of ports",
        [into("x", POD_A, {"ports": [port(79, end=80)]})],
        to_a(lambda s, t, n, p: (n, p) == (80, "TCP")),
    ),
    Case(
        "a range that holds both",
        [into("x", POD_A, {"ports": [port(80, "UDP", 81)]})],
        to_a(lambda s, t, n, p: p == "UDP"),
    ),
    Case(
        "a range on the way out",
        [out_of("x", POD_A, {"to": [spaces(ns="z")], "ports": [port(81, end=90)]})],
        from_a(lambda s, t, n, p: t.ns == "z" and (n, p) == (81, "TCP")),
    ),
    Case(
        "every port of a protocol",
        [into("x", POD_A, {"ports": [port(protocol="UDP")]})],
        to_a(lambda s, t, n, p: p == "UDP"),
    ),
    Case(
        "UDP does not mean TCP",
        [into("x", POD_A, {"ports": [port(80, "UDP")]})],
        to_a(lambda s, t, n, p: (n, p) == (80, "UDP")),
    ),
    Case(
        "SCTP does not mean TCP",
        [into("x", POD_A, {"ports": [port(80, "SCTP")]})],
        to_a(lambda s, t, n, p: (n, p) == (80, "SCTP")),
    ),
    Case(
        "SCTP alone, from one namespace",
        [into("x", POD_A, {"from": [spaces(ns="y")], "ports": [port(81, "SCTP")]})],
        to_a(lambda s, t, n, p: s.ns == "y" and (n, p) == (81, "SCTP")),
    ),
    Case(
        "UDP from one pod of another namespace",
        [into("x", POD_A, {"from": [{**pods(pod="b"), **spaces(ns="y")}], "ports": [port(81, "UDP")]})],
        to_a(lambda s, t, n, p: s == Who("y", "b") and (n, p) == (81, "UDP")),
    ),
    Case("nothing goes out of one pod", [out_of("x", POD_A)], from_a(lambda s, t, n, p: False)),
    Case(
        "egress to a pod of another namespace",
        [out_of("x", POD_A, {"to": [{**pods(pod="b"), **spaces(ns="y")}]})],
        from_a(lambda s, t, n, p: t == Who("y", "b")),
    ),
    Case(
        "ingress and egress in one policy",
        [
            policy(
                "both",
                "x",
                podSelector=POD_A,
                policyTypes=["Ingress", "Egress"],
                ingress=[{"from": [pods(pod="b")]}],
                egress=[{"ports": [port(80)]}],
            )
        ],
        lambda s, t, n, p: (t != ONLY_A or s == Who("x", "b")) and (s != ONLY_A or (n, p) == (80, "TCP")),
    ),
    Case(
        "what the target admits, the source may not send",
        [into("x", POD_A, {"from": [spaces(ns="y")]}), out_of("y", POD_A)],
        lambda s, t, n, p: s != Who("y", "a") and (t != ONLY_A or s.ns == "y"),
    ),
    Case(
        "each direction by its own policy",
        [into("x", POD_A, {"from": [pods(pod="b")]}), out_of("x", POD_A, {"to": [pods(pod="c")]})],
        lambda s, t, n, p: (t != ONLY_A or s == Who("x", "b")) and (s != ONLY_A or t == Who("x", "c")),
    ),
    Case(
        "egress to a block",
        [out_of("x", POD_A, {"to": [block("10.0.2.2/32")]})],
        from_a(lambda s, t, n, p: t == Who("y", "b")),
    ),
    Case(
        "egress to a block but for one address",
        [out_of("x", POD_A, {"to": [block("10.0.2.0/24", "10.0.2.2/32")]})],
        from_a(lambda s, t, n, p: t.ns == "y" and t.pod != "b"),
    ),
    Case(
        "what one block leaves out another one holds",
        [
            out_of("x", POD_A, {"to": [block("10.0.2.0/24", "10.0.2.2/32")]}, name="one"),
            out_of("x", POD_A, {"to": [block("10.0.2.2/32")]}, name="two"),
        ],
        from_a(lambda s, t, n, p: t.ns == "y"),
    ),
    Case(
        "ingress from a block",
        [into("x", POD_A, {"from": [block("10.0.0.0/16", "10.0.1.0/24")]})],
        to_a(lambda s, t, n, p: s.ns != "x"),
    ),
    Case(
        "a block of the other family", [into("x", POD_A, {"from": [block("fd00::/8")]})], to_a(lambda s, t, n, p: False)
    ),
    Case(
        "a namespace by the name that the API server labels it with",
        [into("x", POD_A, {"from": [spaces(**{"kubernetes.io/metadata.name": "y"})]})],
        to_a(lambda s, t, n, p: s.ns == "y"),
    ),
    Case(
        "all namespaces but those of some names",
        [into("x", POD_A, {"from": [{"namespaceSelector": where("kubernetes.io/metadata.name", "NotIn", "x", "y")}]})],
        to_a(lambda s, t, n, p: s.ns == "z"),
    ),
    Case(
        "a namespace by a label that it has got since",
        [into("x", POD_A, {"from": [spaces(team="one")]})],
        to_a(lambda s, t, n, p: s.ns == "z"),
        {("Namespace", "", "z"): {"team": "one"}},
    ),
    Case(
        "a pod by a label that it has got since",
        [into("x", POD_A, {"from": [{**pods(role="client"), **spaces()}]})],
        to_a(lambda s, t, n, p: s == Who("y", "b")),
        {("Pod", "y", "b"): {"role": "client"}},
    ),
    Case(
        "a pod that a policy selects since it was labelled",
        [into("x", label(target="yes"))],
        lambda s, t, n, p: t != Who("x", "c"),
        {("Pod", "x", "c"): {"target": "yes"}},
    ),
    Case(
        "by a label that is there, and one that is not",
        [
            into(
                "x",
                where("pod", "Exists"),
                {"from": [{"podSelector": where("role", "DoesNotExist"), "namespaceSelector": {}}]},
            )
        ],
        lambda s, t, n, p: t.ns != "x" or s != Who("y", "b"),
        {("Pod", "y", "b"): {"role": "client"}},
    ),
    Case(
        "labels and expressions must both hold",
        [into("x", {**POD_A, **where("pod", "NotIn", "a")})],
        lambda s, t, n, p: True,
    ),
    Case("a policy elsewhere", [into("y", POD_A)], lambda s, t, n, p: t != Who("y", "a")),
]
