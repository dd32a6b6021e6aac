"""Random policies on random worlds: as the naive oracle says; and what must hold whatever the policies are."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Verdict
from seakeep.twin.network.reach import reach
from tests.twin.network import oracle
from tests.twin.network.random_policies import NUMBERS, PROTOCOLS, places, policy_sets, rules
from tests.twin.network.worlds import Object, barred, network, pods_of, ref

EXAMPLES = int(os.environ.get("SEAKEEP_POLICY_SETS", "500"))
many = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
some = settings(max_examples=max(60, EXAMPLES // 5), suppress_health_check=[HealthCheck.too_slow])
ports = st.tuples(st.sampled_from(NUMBERS), st.sampled_from(PROTOCOLS))
SEEN: Counter[bool] = Counter()


def connections(items: list[Object], port: int, protocol: str) -> set[tuple[Ref, Ref]]:
    world, pods = network(items), pods_of(items)
    return {
        (ref(source), ref(target))
        for source in pods
        for target in pods
        if barred(world, source, target, port, protocol) is None
    }


@given(places(), policy_sets(), ports)
@many
def test_as_the_oracle_says(world: list[Object], policies: list[Object], way: tuple[int, str]) -> None:
    items = [*world, *policies]
    played, pods = network(items), pods_of(items)
    for source in pods:
        for target in pods:
            expected = oracle.allows(items, source, target, *way)
            assert (barred(played, source, target, *way) is None) == expected
            SEEN[expected] += 1


def test_the_oracle_said_both() -> None:
    """Not a comparison of yes with yes."""
    if SEEN:
        assert min(SEEN[True], SEEN[False]) > sum(SEEN.values()) / 10


@given(places(), policy_sets().filter(bool), ports, st.data())
@some
def test_a_rule_more_never_closes_anything(
    world: list[Object], policies: list[Object], way: tuple[int, str], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(policies) - 1))
    chosen = policies[number]
    # Without types a first egress rule would close what it does not name.
    types = chosen["spec"].get("policyTypes") or (
        ["Ingress", "Egress"] if chosen["spec"].get("egress") else ["Ingress"]
    )
    key, side = data.draw(st.sampled_from((("ingress", "from"), ("egress", "to"))))
    before = {**chosen, "spec": {**chosen["spec"], "policyTypes": types}}
    after = {**chosen, "spec": {**before["spec"], key: [*before["spec"].get(key, []), data.draw(rules(side))]}}
    rest = [*world, *policies[:number], *policies[number + 1 :]]
    assert connections([*rest, before], *way) <= connections([*rest, after], *way)


@given(places(), policy_sets().filter(bool), ports, st.data())
@some
def test_what_the_deletion_of_a_policy_closes_another_one_isolates(
    world: list[Object], policies: list[Object], way: tuple[int, str], data: st.DataObject
) -> None:
    """A connection goes with a policy only where it selected one of its ends, and another policy still selects that end."""
    number = data.draw(st.integers(0, len(policies) - 1))
    gone, rest = policies[number], [*policies[:number], *policies[number + 1 :]]
    lost = connections([*world, *policies], *way) - connections([*world, *rest], *way)
    pods = {ref(item): item for item in pods_of(world)}
    for ends in lost:
        isolated = [pods[end] for end in ends if selects(gone, pods[end])]
        assert any(selects(item, end) for end in isolated for item in rest)


def selects(policy: Object, pod: Object) -> bool:
    same = policy["metadata"]["namespace"] == pod["metadata"]["namespace"]
    return same and oracle._selects(policy["spec"]["podSelector"], pod["metadata"]["labels"])


@given(places(), policy_sets(), ports)
@some
def test_nodes_and_pods_themselves_are_beyond_policies(
    world: list[Object], policies: list[Object], way: tuple[int, str]
) -> None:
    played = network([*world, *policies])
    for pod in pods_of(world):
        own = reach(played, Ref("Node", "", pod["spec"]["nodeName"]), pod["status"]["podIP"], *way)
        assert own.verdict is not Verdict.DROPPED
        assert barred(played, pod, pod, *way) is None


@given(places(), policy_sets(), ports)
@some
def test_the_same_question_has_the_same_answer(
    world: list[Object], policies: list[Object], way: tuple[int, str]
) -> None:
    pods = pods_of(world)
    to = ref(pods[1])
    host = f"Pod/{to.namespace}/{to.name}"
    first = reach(network([*world, *policies]), ref(pods[0]), host, *way)
    assert reach(network([*reversed(policies), *reversed(world)]), ref(pods[0]), host, *way) == first
