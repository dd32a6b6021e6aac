"""Who has to go for whom, one rule at a time; the conformance suite compares whole sequences with kube-scheduler."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from seakeep.twin.scheduler.preemption import Candidate, choose
from seakeep.twin.world import Twin
from tests.twin.builders import Object, node, twin
from tests.twin.preempting import NAMESPACE, find, pod, said


def budget(app: str, allowed: int, **status: Any) -> Object:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": f"budget-{app}", "namespace": NAMESPACE},
        "spec": {"selector": {"matchLabels": {"app": app}}},
        "status": {"disruptionsAllowed": allowed, **status},
    }


def ending(world: Twin) -> list[str]:
    return [item.name for item in world.state.all(Pod) if item.metadata.deletion_timestamp is not None]


def at_once(*objects: Object) -> Twin:
    """Only what happens in the first instant: the victims have not ended yet."""
    world = twin(objects)
    world.settle(within=0.0)
    return world


def test_the_victim_ends_and_the_pod_comes_to_its_node() -> None:
    world = at_once(node("a", cpu="2"), pod("old", on="a", cpu="2"), pod("new", 10, cpu="2"))
    old, new = find(world, "old"), find(world, "new")
    assert (new.spec.node_name, new.status.nominated_node_name) == ("", "a")
    target = next(item for item in old.status.conditions if item.type == "DisruptionTarget")
    assert (target.status, target.reason) == ("True", "PreemptionByScheduler")
    assert target.message == "default-scheduler: preempting to accommodate a higher priority pod"
    assert said(world, "new") == (
        "0/1 nodes are available: 1 Insufficient cpu. preemption: found a potential placement for pod on node a, preempting 1 victims"
    )
    world.settle()
    new = find(world, "new")
    assert world.state.get(Pod, NAMESPACE, "old") is None
    assert (new.spec.node_name, new.status.nominated_node_name) == ("a", "")


def test_each_step_names_object_and_rule() -> None:
    world = at_once(node("a", cpu="2"), pod("old", on="a", cpu="2"), pod("new", 10, cpu="2"))
    told = [(step.object.name, step.what, step.why) for step in world.steps if "DefaultPreemption" in step.why]
    room = "DefaultPreemption: makes room on a for shop/new of higher priority (0 < 10)"
    assert told[0][:2] == ("new", "status")
    assert told[0][2].startswith(
        "DefaultPreemption: nominated to a, the only node where preemption helps; scheduler: 0/1"
    )
    assert told[1:] == [("old", "status", room), ("old", "terminating", room)]


@pytest.mark.parametrize(
    ("priority", "policy", "message"),
    [
        (10, "Never", "preemption: not eligible due to preemptionPolicy=Never."),
        (0, "", "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."),
        (-5, "", "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."),
    ],
)
def test_nobody_goes(priority: int, policy: str, message: str) -> None:
    world = at_once(
        node("a", cpu="2"), pod("old", on="a", cpu="2"), pod("new", priority, cpu="2", preemptionPolicy=policy)
    )
    assert ending(world) == []
    assert said(world, "new") == f"0/1 nodes are available: 1 Insufficient cpu. {message}"


def test_where_going_does_not_help_nobody_goes() -> None:
    large = at_once(node("a", cpu="2"), pod("old", on="a"), pod("new", 10, cpu="3"))
    other = at_once(node("a", cpu="2"), pod("old", on="a"), pod("new", 10, cpu="2", nodeSelector={"disk": "fast"}))
    still = at_once(node("a", cpu="2"), pod("old", on="a"), pod("vip", 50, on="a"), pod("new", 10, cpu="2"))
    assert ending(large) == ending(other) == ending(still) == []
    not_helpful = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    assert said(large, "new") == f"0/1 nodes are available: 1 Insufficient cpu. {not_helpful}"
    assert said(other, "new").endswith(not_helpful)
    assert (
        said(still, "new")
        == "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu."
    )


def test_only_as_many_go_as_must_the_least_important_first() -> None:
    placed = [pod("low-old", 1, on="a", start=1), pod("low-young", 1, on="a", start=9), pod("mid", 5, on="a")]
    one = at_once(node("a", cpu="3"), *placed, pod("new", 10))
    two = at_once(node("a", cpu="3"), *placed, pod("new", 10, cpu="2"))
    assert (ending(one), ending(two)) == (["low-young"], ["low-old", "low-young"])


def test_a_protected_pod_stays_where_an_unprotected_one_of_higher_priority_can_go() -> None:
    placed = [pod("kept", 1, on="a", app="db"), pod("free", 5, on="a")]
    kept = at_once(node("a", cpu="2"), *placed, budget("db", 0), pod("new", 10))
    allowed = at_once(node("a", cpu="2"), *placed, budget("db", 1), pod("new", 10))
    counted = at_once(
        node("a", cpu="2"), *placed, budget("db", 0, disruptedPods={"kept": "2026-03-02T07:59:00Z"}), pod("new", 10)
    )
    assert (ending(kept), ending(allowed), ending(counted)) == (["free"], ["kept"], ["kept"])


def test_a_budget_is_broken_where_nothing_else_helps() -> None:
    world = at_once(node("a", cpu="1"), pod("kept", 1, on="a", app="db"), budget("db", 0), pod("new", 10))
    assert ending(world) == ["kept"]


def test_nodes_without_violations_come_first() -> None:
    placed = [pod("kept", 1, on="a", app="db"), pod("free", 5, on="b")]
    world = at_once(node("a", cpu="1"), node("b", cpu="1"), *placed, budget("db", 0), pod("new", 10))
    assert ending(world) == ["free"]
    nominated = next(step.why for step in world.steps if "nominated" in step.why)
    assert "nominated to b, fewest PodDisruptionBudget violations" in nominated


def candidate(name: str, *victims: tuple[int, int], violations: int = 0) -> Candidate:
    """Victims as (priority, start in minutes), the most important first."""
    made = [from_mapping(pod(f"v{number}", each, on=name, start=start)) for number, (each, start) in enumerate(victims)]
    return Candidate(name, tuple(item for item in made if isinstance(item, Pod)), violations)


@pytest.mark.parametrize(
    ("best", "other", "rule"),
    [
        (candidate("b", (9, 0), (9, 0)), candidate("a", (1, 0), violations=1), "fewest PodDisruptionBudget violations"),
        (candidate("b", (4, 0), (4, 0)), candidate("a", (5, 0)), "lowest priority of the most important victim"),
        (candidate("b", (5, 0), (1, 0)), candidate("a", (5, 0), (2, 0)), "lowest sum of priorities"),
        (candidate("b", (-3, 0)), candidate("a", (-3, 0), (-3, 0)), "lowest sum of priorities"),
        (candidate("b", (5, 7), (1, 1)), candidate("a", (5, 3), (1, 9)), "the most important victims started last"),
        (candidate("a", (5, 7)), candidate("b", (5, 7)), "the first of equal nodes"),
    ],
)
def test_the_rules_choose_in_their_order(best: Candidate, other: Candidate, rule: str) -> None:
    expected = (best.node, rule)
    for order in ([best, other], [other, best]) if rule != "the first of equal nodes" else ([best, other],):
        found, by = choose(order)
        assert (found.node, by) == expected


def test_while_victims_end_the_pod_waits_and_preempts_nobody_else() -> None:
    slow = pod("old", 1, on="a", cpu="2")
    world = at_once(
        node("a", cpu="2"), node("b", cpu="1"), slow, pod("other", 1, on="b", cpu="500m"), pod("new", 10, cpu="2")
    )
    assert ending(world) == ["old"]
    # Something goes elsewhere, so that the scheduler looks again.
    world.delete(find(world, "other").ref, force=True)
    world.settle(within=0.0)
    assert said(world, "new") == (
        "0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node."
    )
    assert find(world, "new").status.nominated_node_name == "a"


@pytest.mark.parametrize("priority", [1, 10])
def test_a_nominated_node_is_kept_from_pods_of_equal_and_lower_priority(priority: int) -> None:
    world = at_once(node("a", cpu="4"), pod("old", 0, on="a", cpu="2"), pod("new", 10, cpu="3"))
    assert find(world, "new").status.nominated_node_name == "a"
    # Two cpus are free beside the victim that ends, but they count as taken; later one is left.
    world.create(from_mapping(pod("late", priority, cpu="1500m")))
    world.create(from_mapping(pod("small", priority, cpu="500m")))
    world.settle(within=0.0)
    assert [find(world, name).spec.node_name for name in ("late", "small", "new")] == ["", "", ""]
    world.settle()
    assert [find(world, name).spec.node_name for name in ("late", "small", "new")] == ["", "a", "a"]


def test_a_more_important_pod_takes_the_nominated_node() -> None:
    placed = [pod("old", 1, on="a", cpu="3"), pod("small", 1, on="a")]
    world = at_once(node("a", cpu="4"), *placed, pod("new", 10, cpu="3"))
    world.create(from_mapping(pod("late", 20, cpu="3500m")))
    world.settle(within=0.0)
    assert ending(world) == ["old", "small"]
    assert [find(world, name).status.nominated_node_name for name in ("late", "new")] == ["a", ""]
    assert any("is for shop/late now" in step.why for step in world.steps)


def test_where_all_victims_end_already_the_other_nomination_stays() -> None:
    world = at_once(node("a", cpu="4"), pod("old", 1, on="a", cpu="3"), pod("new", 10, cpu="3"))
    world.create(from_mapping(pod("late", 20, cpu="3500m")))
    world.settle(within=0.0)
    assert [find(world, name).status.nominated_node_name for name in ("late", "new")] == ["a", "a"]


def test_spread_and_anti_affinity_are_asked_of_the_whole_cluster() -> None:
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "zone"}
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    nodes = [node("a", zone="x"), node("b", zone="x"), node("c", zone="y")]
    placed = [pod("one", 1, on="a", app="db"), pod("two", 1, on="b", app="db"), pod("vip", 90, on="c", app="db")]
    world = at_once(*nodes, *placed, pod("new", 10, affinity=apart))
    # In zone x a second one would stay, in zone y the one is more important.
    assert ending(world) == []
    # On c nobody is less important; on a and b the zone's other pod is still in the way.
    assert said(world, "new") == (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. "
        "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 node(s) didn't match pod anti-affinity rules."
    )
    alone = at_once(*nodes, placed[0], placed[2], pod("new", 10, affinity=apart, nodeSelector={"zone": "x"}))
    assert ending(alone) == ["one"]


def test_a_branch_has_its_own_nominations() -> None:
    world = at_once(node("a", cpu="2"), pod("old", on="a", cpu="2"), pod("new", 10, cpu="2"))
    other = world.branch()
    other.settle()
    assert find(other, "new").spec.node_name == "a"
    assert [item.name for item in world.placer.nominations.on("a")] == ["new"]
    assert other.placer.nominations.on("a") == []
    # The older side goes on by itself.
    world.update(replace(find(world, "new"), metadata=replace(find(world, "new").metadata, labels={"app": "x"})))
    world.settle()
    assert find(world, "new").spec.node_name == "a"
