"""A hundred thousand policies are one question away, not a hundred thousand."""

from __future__ import annotations

from time import process_time
from typing import Any

import msgspec

from seakeep.model.objects import NetworkPolicy
from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Verdict
from seakeep.twin.network.base import Network
from seakeep.twin.network.reach import reach
from tests.twin.network.worlds import Who, ask, network, objects, policy

MANY = 100_000
# Of processor time, on a small machine that does other things; a pass over all policies in each step would take minutes.
BOUND = 10.0


def crowded(spaces: list[str]) -> Network:
    world = network(
        [
            *objects(),
            policy(
                "guard",
                "x",
                policyTypes=["Ingress"],
                ingress=[{"from": [{"podSelector": {"matchLabels": {"pod": "b"}}}]}],
            ),
        ]
    )
    for number in range(MANY):
        rule: dict[str, Any] = {
            "from": [{"ipBlock": {"cidr": f"172.{number % 256}.0.0/16"}}],
            "ports": [{"port": 1 + number % 60000}],
        }
        item = policy(
            f"many-{number:06d}",
            spaces[number % len(spaces)],
            podSelector={"matchLabels": {"pod": "a"}},
            ingress=[rule],
        )
        world.state.put(msgspec.convert(item, NetworkPolicy))
    return world


def test_in_one_namespace() -> None:
    world = crowded(["x"])
    start = process_time()
    answer = ask(world, Who("y", "a"), Who("x", "a"), 80)
    admitted = ask(world, Who("x", "b"), Who("x", "a"), 80)
    assert process_time() - start < BOUND
    assert answer.verdict is Verdict.DROPPED
    assert len(answer.others) == MANY
    assert admitted.verdict is Verdict.REACHABLE
    assert admitted.decides is not None


def test_in_many_namespaces() -> None:
    world = crowded([f"space-{number}" for number in range(1000)])
    start = process_time()
    for number in range(100):
        assert reach(world, Ref("Pod", "y", "a"), "10.0.1.1", 80 + number % 2).verdict is Verdict.DROPPED
    assert process_time() - start < BOUND / 10
