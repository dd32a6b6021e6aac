"""Worlds with random policies: few labels, ports and addresses, so that rules often just fit, and just do not."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.twin.network.worlds import Object, namespace, node, pod, policy

SPACES = ("red", "green", "blue")
VALUES = ("one", "two")
NAMES = ("web", "dns")
NUMBERS = (80, 81, 443)
PROTOCOLS = ("TCP", "UDP", "SCTP")
ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.130", "10.1.0.1", "10.1.0.9")

_labels = st.dictionaries(st.sampled_from(("app", "tier")), st.sampled_from(VALUES), max_size=2)
_requirement = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        st.sampled_from(("app", "tier")),
        st.sampled_from(("In", "NotIn")),
        st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator},
        st.sampled_from(("app", "tier")),
        st.sampled_from(("Exists", "DoesNotExist")),
    ),
)
_selector = st.one_of(
    st.just({}),
    st.builds(lambda labels: {"matchLabels": labels}, _labels),
    st.builds(lambda parts: {"matchExpressions": parts}, st.lists(_requirement, min_size=1, max_size=2)),
    st.builds(lambda labels, part: {"matchLabels": labels, "matchExpressions": [part]}, _labels, _requirement),
)
_space_selector = st.one_of(
    _selector,
    st.sampled_from([{"matchLabels": {"kubernetes.io/metadata.name": name}} for name in SPACES]),
)
_block = st.sampled_from(
    [
        {"cidr": "10.0.0.0/8"},
        {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]},
        {"cidr": "10.0.0.0/16", "except": ["10.0.0.2/32", "10.0.1.128/25"]},
        {"cidr": "10.0.1.1/32"},
        {"cidr": "192.168.0.0/24"},
        {"cidr": "0.0.0.0/0"},
        {"cidr": "fd00::/8"},
    ]
)
_peer = st.one_of(
    st.builds(lambda pods: {"podSelector": pods}, _selector),
    st.builds(lambda spaces: {"namespaceSelector": spaces}, _space_selector),
    st.builds(lambda pods, spaces: {"podSelector": pods, "namespaceSelector": spaces}, _selector, _space_selector),
    st.builds(lambda block: {"ipBlock": block}, _block),
)
_port = st.one_of(
    st.builds(lambda protocol: {"protocol": protocol}, st.sampled_from(PROTOCOLS)),
    st.builds(lambda number: {"port": number}, st.sampled_from(NUMBERS)),
    st.builds(
        lambda number, protocol: {"port": number, "protocol": protocol},
        st.sampled_from((*NUMBERS, *NAMES)),
        st.sampled_from(PROTOCOLS),
    ),
    st.builds(
        lambda number, more, protocol: {"port": number, "endPort": number + more, "protocol": protocol},
        st.sampled_from(NUMBERS),
        st.sampled_from((0, 1, 400)),
        st.sampled_from(PROTOCOLS),
    ),
)


def rules(side: str) -> st.SearchStrategy[Object]:
    parts = {side: st.lists(_peer, max_size=2), "ports": st.lists(_port, max_size=2)}
    return st.fixed_dictionaries({}, optional=parts)


_spec = st.fixed_dictionaries(
    {"podSelector": _selector},
    optional={
        "policyTypes": st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"])),
        "ingress": st.lists(rules("from"), max_size=2),
        "egress": st.lists(rules("to"), max_size=2),
    },
)


@st.composite
def policy_sets(draw: st.DrawFn) -> list[Object]:
    specs = draw(st.lists(st.tuples(st.sampled_from(SPACES), _spec), max_size=5))
    return [policy(f"policy-{number}", space, **spec) for number, (space, spec) in enumerate(specs)]


@st.composite
def places(draw: st.DrawFn) -> list[Object]:
    """Three namespaces, two nodes, a pod per address, and two on the hosts' network."""
    found = [namespace(name, **draw(_labels)) for name in SPACES]
    found += [node("node-1", "192.168.0.1"), node("node-2", "192.168.0.2")]
    for number, address in enumerate(ADDRESSES):
        ports = [
            {"containerPort": port, "protocol": protocol, **({"name": name} if name else {})}
            for port, name in zip(NUMBERS, draw(st.permutations(("web", "dns", ""))), strict=True)
            for protocol in [draw(st.sampled_from(PROTOCOLS))]
        ]
        space, on = draw(st.sampled_from(SPACES)), draw(st.sampled_from(("node-1", "node-2")))
        found.append(pod(space, f"pod-{number}", address, on, draw(_labels), ports))
    for number, on in enumerate(("node-1", "node-2"), start=1):
        host = pod(
            "blue",
            f"agent-{number}",
            f"192.168.0.{number}",
            on,
            draw(_labels),
            [{"containerPort": 80}],
            hostNetwork=True,
        )
        found.append(host)
    return found
