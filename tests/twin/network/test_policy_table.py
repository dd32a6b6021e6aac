"""Each policy of the table: what is reached in the twin, by hand and by the oracle, on all 486 ways between nine pods."""

from __future__ import annotations

import pytest

from seakeep.twin.network.answer import Verdict
from tests.twin.network import oracle
from tests.twin.network.policy_table import CASES, Case
from tests.twin.network.worlds import EVERYONE, PORTS, PROTOCOLS, Object, ask, network, objects


def world(case: Case) -> list[Object]:
    found = [*objects(), *case.policies]
    for item in found:
        metadata = item["metadata"]
        extra = case.labels.get((item["kind"], metadata.get("namespace", ""), metadata["name"]), {})
        metadata["labels"] = {**metadata.get("labels", {}), **extra}
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_table(case: Case) -> None:
    items = world(case)
    pods = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in items if item["kind"] == "Pod"}
    played, names = network(items), {item["metadata"]["name"] for item in case.policies}
    for source in EVERYONE:
        for target in EVERYONE:
            for port in PORTS:
                for protocol in PROTOCOLS:
                    way = f"{source} to {target}:{port}/{protocol}"
                    expected = source == target or case.open(source, target, port, protocol)
                    assert oracle.allows(items, pods[source], pods[target], port, protocol) == expected, way
                    answer = ask(played, source, target, port, protocol)
                    assert answer.verdict is (Verdict.REACHABLE if expected else Verdict.DROPPED), way
                    if not expected:
                        assert answer.decides is not None, way
                        assert answer.decides.object is not None, way
                        assert answer.decides.object.kind == "NetworkPolicy", way
                        assert answer.decides.object.name in names, way


def test_no_case_says_what_another_says() -> None:
    """At least forty, each with a name of its own; and most of them close something."""
    assert len({case.name for case in CASES}) == len(CASES) >= 40
    closing = [
        case
        for case in CASES
        if not all(
            case.open(s, t, n, p) for s in EVERYONE for t in EVERYONE for n in PORTS for p in PROTOCOLS if s != t
        )
    ]
    assert len(closing) >= 40
