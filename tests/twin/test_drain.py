"""`kubectl drain`, `uncordon` and rolling upgrades of nodes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from seakeep.model.objects import KubeObject, LabelSelector, Node, Pod
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Wait
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.controller import View
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.controllers.pod_gc import PodCollector
from seakeep.twin.controllers.taint_eviction import TaintEviction
from seakeep.twin.disruption.drain import DrainedPod, cordon, drain, duration, uncordon
from seakeep.twin.disruption.drain_filters import DrainOptions
from seakeep.twin.disruption.outage import lose_node
from seakeep.twin.disruption.upgrade import upgrade
from seakeep.twin.settings import Settings
from seakeep.twin.state import State
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, node, replica_set
from tests.twin.worlds import figures, owned_by, pdb, pod, ready_pods, workload, world

VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."


def two_nodes(*objects: Object) -> Twin:
    """What there is runs on node a; node b is empty, and comes when all is settled."""
    twin = world([node("a", cpu="8"), node("b", cpu="8"), *objects], settle=False)
    cordon(twin, "b")
    twin.settle()
    uncordon(twin, "b")
    twin.settle()
    assert list(twin.state.pods_on("b")) == []
    return twin


def outcomes(pods: list[DrainedPod]) -> dict[str, tuple[str, float | None, int]]:
    return {item.ref.name: (item.outcome, item.seconds, item.tries) for item in pods}


def test_all_that_is_free_to_go_goes_at_once() -> None:
    twin = two_nodes(replica_set("cart", 3))
    names = [item.name for item in twin.state.pods_on("a")]
    result = drain(twin, "a")
    assert (result.drained, result.seconds) == (True, 2.0)
    assert outcomes(result.pods) == dict.fromkeys(names, ("evicted", 2.0, 1))
    assert result.out == [
        "node/a cordoned",
        *(f"evicting pod shop/{name}" for name in names),
        *(f"pod/{name} evicted" for name in names),
        "node/a drained",
    ]
    assert result.err == []
    twin.settle()
    assert len(ready_pods(twin)) == 3
    assert {item.spec.node_name for item in twin.state.all(Pod)} == {"b"}
    assert cordon(twin, "a") == "node/a already cordoned"
    assert uncordon(twin, "a") == "node/a uncordoned"
    assert uncordon(twin, "a") == "node/a already uncordoned"


def test_a_budget_lets_one_go_after_the_other() -> None:
    twin = two_nodes(replica_set("cart", 3), pdb("cart", maxUnavailable=1))
    names = [item.name for item in twin.state.pods_on("a")]
    result = drain(twin, "a")
    # The replacement is ready after 13 s: the next request that finds it so is that at 15 s.
    assert outcomes(result.pods) == {
        names[0]: ("evicted", 2.0, 1),
        names[1]: ("evicted", 17.0, 4),
        names[2]: ("evicted", 32.0, 7),
    }
    assert result.seconds == 32.0
    line = f'error when evicting pods/"{names[1]}" -n "shop" (will retry after 5s): {VIOLATES}'
    assert line in result.err


def test_what_has_recovered_between_two_requests_is_found_by_the_next() -> None:
    """Nothing is under way any more when the replacement is ready, and it is asked again all the same."""
    quick = Settings(pod_start=0.3, app_start=0.0, app_stop=0.1)
    twin = two_nodes(replica_set("cart", 3), pdb("cart", minAvailable="33%"))
    twin.settings = quick
    result = drain(twin, "a")
    assert result.drained
    assert sorted(item.seconds or 0.0 for item in result.pods) == [1.0, 1.0, 6.0]


def test_never_fewer_ready_than_the_budget_demands() -> None:
    twin = two_nodes(replica_set("cart", 5), pdb("cart", minAvailable="60%"))
    first = len(twin.steps)
    assert drain(twin, "a").drained
    seen = _healthy_over_time(twin, first)
    assert min(seen) == 3


def _healthy_over_time(twin: Twin, first: int) -> list[int]:
    """Ready pods as the steps say it: every pod that was ready was so before, and is until it is asked to end."""
    found, healthy = [], 5
    for step in twin.steps[first:]:
        if step.object.kind == "Pod" and step.what == "terminating":
            healthy -= 1
        if step.why == "kubelet: containers are ready":
            healthy += 1
        found.append(healthy)
    return found


def test_a_budget_that_never_allows_is_told_at_once() -> None:
    twin = two_nodes(replica_set("cart", 2), pdb("cart", maxUnavailable=0), replica_set("web", 1))
    result = drain(twin, "a")
    assert not result.drained
    assert result.for_ever
    assert result.seconds <= 5
    stuck = [item for item in result.pods if item.for_ever]
    assert [item.outcome for item in stuck] == ["refused", "refused"]
    assert {item.budget for item in stuck} == {Ref("PodDisruptionBudget", "shop", "cart")}
    assert stuck[0].reason == (
        "The disruption budget cart needs 2 healthy pods and has 2 currently "
        "(maxUnavailable 0 of 2 expected pods: 2 healthy, 2 demanded, 0 disruptions allowed)"
    )
    assert [item.outcome for item in result.pods if item.ref.name.startswith("web")] == ["evicted"]


def test_a_timeout() -> None:
    twin = two_nodes(replica_set("cart", 1), pdb("cart", minAvailable=1))
    (name,) = (item.name for item in twin.state.all(Pod))
    result = drain(twin, "a", DrainOptions(timeout=90))
    assert (result.drained, result.seconds) == (False, 90.0)
    assert result.error == f'error when evicting pods/"{name}" -n "shop": global timeout reached: 1m30s'
    assert result.err[-6:] == [
        f'There are pending pods in node "a" when an error occurred: {result.error}',
        f"pod/{name}",
        f'error: unable to drain node "a" due to error: {result.error}, continuing command...',
        "There are pending nodes to be drained:",
        " a",
        f"error: {result.error}",
    ]


@pytest.mark.parametrize("delete", [False, True])
def test_a_timeout_while_a_pod_ends(delete: bool) -> None:
    twin = world([node("a"), pod("x-0", owner=owned_by("StatefulSet", "x"))], kubelet=False)
    result = drain(twin, "a", DrainOptions(timeout=10, disable_eviction=delete))
    ends = 'error when waiting for pod "x-0" in namespace "shop" to terminate: context deadline exceeded'
    assert result.error == ("context deadline exceeded" if delete else ends)


def test_no_room_elsewhere_holds_the_drain_up_until_nothing_changes() -> None:
    twin = world([node("a", cpu="3"), replica_set("cart", 3), pdb("cart", maxUnavailable=1)])
    result = drain(twin, "a")
    assert not result.drained
    assert sorted(item.outcome for item in result.pods) == ["evicted", "refused", "refused"]
    assert result.for_ever
    assert figures(twin, "cart") == (3, 2, 2, 0)


def test_several_budgets_fail_the_drain_but_not_the_other_pods() -> None:
    message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    twin = two_nodes(
        replica_set("cart", 1),
        pdb("one", "cart", minAvailable=0),
        pdb("two", "cart", minAvailable=0),
        replica_set("web", 1),
    )
    (name,) = (item.name for item in twin.state.all(Pod) if item.labels["app"] == "cart")
    result = drain(twin, "a")
    assert not result.drained
    assert result.error == f'error when evicting pods/"{name}" -n "shop": {message}'
    assert sorted(item.outcome for item in result.pods) == ["evicted", "failed"]


EMPTY_DIR = {"volumes": [{"name": "data", "emptyDir": {}}]}


@pytest.mark.parametrize(
    ("item", "options", "outcome", "error"),
    [
        (
            pod("x-0"),
            {},
            "unmanaged",
            "cannot delete Pods that declare no controller (use --force to override): shop/x-0",
        ),
        (pod("x-0"), {"force": True}, "evicted", ""),
        (pod("x-0", phase="Succeeded"), {}, "evicted", ""),
        (pod("x-0", annotations={"kubernetes.io/config.mirror": "1"}), {}, "ignored", ""),
        (
            pod("x-0", owner=owned_by("DaemonSet", "agent")),
            {},
            "unmanaged",
            "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): shop/x-0",
        ),
        (pod("x-0", owner=owned_by("DaemonSet", "agent")), {"ignore_daemonsets": True}, "ignored", ""),
        (
            pod("x-0", owner=owned_by("DaemonSet", "gone")),
            {"ignore_daemonsets": True},
            "unmanaged",
            'cannot delete daemonsets.apps "gone" not found: shop/x-0',
        ),
        (pod("x-0", owner=owned_by("DaemonSet", "gone")), {"force": True}, "evicted", ""),
        (
            pod("x-0", owner=owned_by("StatefulSet", "x"), spec=EMPTY_DIR),
            {},
            "unmanaged",
            "cannot delete Pods with local storage (use --delete-emptydir-data to override): shop/x-0",
        ),
        (pod("x-0", owner=owned_by("StatefulSet", "x"), spec=EMPTY_DIR), {"delete_emptydir_data": True}, "evicted", ""),
        (pod("x-0", phase="Failed", spec=EMPTY_DIR), {}, "evicted", ""),
    ],
)
def test_filters(item: Object, options: dict[str, Any], outcome: str, error: str) -> None:
    twin = world([node("a"), workload("DaemonSet", "agent", None), item])
    result = drain(twin, "a", DrainOptions(**options))
    assert [each.outcome for each in result.pods] == [outcome]
    assert result.error == error
    assert result.drained == (not error)
    if error:
        assert result.out == ["node/a cordoned"]


def test_one_pod_that_may_not_go_keeps_all() -> None:
    twin = world([node("a"), pod("x-0"), pod("y-0", spec=EMPTY_DIR), replica_set("cart", 1)])
    result = drain(twin, "a")
    assert result.error == (
        "[cannot delete Pods that declare no controller (use --force to override): shop/x-0, "
        "cannot delete Pods with local storage (use --delete-emptydir-data to override): shop/y-0]"
    )
    assert len(list(twin.state.pods_on("a"))) == 3


def test_warnings() -> None:
    agent = pod("agent-0", owner=owned_by("DaemonSet", "agent"))
    items = [agent, pod("x-0"), pod("y-0", owner=owned_by("StatefulSet", "y"), spec=EMPTY_DIR)]
    twin = world([node("a"), workload("DaemonSet", "agent", None), *items])
    result = drain(twin, "a", DrainOptions(force=True, ignore_daemonsets=True, delete_emptydir_data=True))
    # The filter that comes after it drops the warning about local storage, in kubectl too.
    (warning,) = result.err
    assert warning == (
        "Warning: ignoring DaemonSet-managed Pods: shop/agent-0; deleting Pods that declare no controller: shop/x-0"
    )
    assert result.drained


def test_deleting_instead_of_evicting_asks_no_budget() -> None:
    twin = two_nodes(replica_set("cart", 2), pdb("cart", maxUnavailable=0))
    result = drain(twin, "a", DrainOptions(disable_eviction=True))
    assert result.drained
    assert {item.outcome for item in result.pods} == {"deleted"}


def test_some_pods_only() -> None:
    twin = two_nodes(replica_set("cart", 1), replica_set("web", 1))
    result = drain(twin, "a", DrainOptions(pod_selector=LabelSelector(match_labels={"app": "web"})))
    assert result.drained
    assert [item.spec.node_name for item in twin.state.all(Pod) if item.labels["app"] == "cart"] == ["a"]


def test_a_grace_period() -> None:
    twin = world([node("a"), pod("x-0", owner=owned_by("StatefulSet", "x"))])
    result = drain(twin, "a", DrainOptions(grace_period=1))
    assert (result.drained, result.seconds) == (True, 1.0)


def test_a_lost_node_never_ends_its_pods() -> None:
    twin = world(
        [node("a"), node("b"), pod("x-0", owner=owned_by("StatefulSet", "x"))], NodeLifecycle(), TaintEviction()
    )
    lose_node(twin, "a")
    twin.settle(within=100)
    result = drain(twin, "a")
    assert [(item.outcome, item.for_ever) for item in result.pods] == [("waiting", True)]
    again = drain(twin, "a", DrainOptions(skip_wait_for_delete_timeout=10))
    assert [item.outcome for item in again.pods] == ["ignored"]
    assert drain(twin, "a", DrainOptions(force=True, grace_period=0)).drained


class _Somebody:
    """Deletes x-0 three seconds after its node was cordoned."""

    name = "somebody"

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        del state
        return [Ref("Pod", "shop", "x-0")] if isinstance(item, Node) and item.spec.unschedulable else []

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        due = START + timedelta(seconds=3)
        yield Wait(ref, 3.0) if view.now < due else Delete(ref, "deleted by somebody", force=True)


def test_a_pod_that_somebody_else_deletes() -> None:
    pods = [pod(name, on, owner=owned_by("StatefulSet", "x"), ready=on == "a") for name, on in (("x-0", "a"), ("x-1", "b"))]  # fmt: skip
    twin = world([node("a"), node("b"), *pods, pdb("x", minAvailable=1)], _Somebody(), kubelet=False)
    result = drain(twin, "a")
    assert outcomes(result.pods) == {"x-0": ("evicted", 5.0, 1)}
    # kubectl asks again, finds no pod and says nothing more of it.
    assert result.out == ["node/a cordoned", "evicting pod shop/x-0", "node/a drained"]
    assert [line.rpartition(": ")[2] for line in result.err] == [VIOLATES]


def test_a_node_that_is_not_there() -> None:
    with pytest.raises(RejectedError, match='nodes "x" not found'):
        drain(world([node("a")]), "x")


@pytest.mark.parametrize(("seconds", "text"), [(30, "30s"), (90, "1m30s"), (3600, "1h0m0s"), (0.5, "0.5s")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_same_drain_twice() -> None:
    twin = two_nodes(replica_set("cart", 4), pdb("cart", maxUnavailable="25%"))
    one, two = (twin.branch() for _ in range(2))
    first, second = drain(one, "a"), drain(two, "a")
    assert outcomes(first.pods).keys() == outcomes(second.pods).keys()
    assert (first.out, first.seconds) == (second.out, second.seconds)
    assert twin.state.get(Node, "", "a") != one.state.get(Node, "", "a")


def test_a_rolling_upgrade() -> None:
    objects = [node("a"), node("b"), node("c"), replica_set("cart", 6), pdb("cart", maxUnavailable="50%")]
    twin = world(objects, NodeLifecycle(), TaintEviction(), PodCollector())
    result = upgrade(twin, ["a", "b", "c"], replaced_after=60)
    assert result.done == ("a", "b", "c")
    assert [item.drained for item in result.drains] == [True, True, True]
    assert result.drains[0].out[-1] == "node/a already uncordoned"
    assert result.seconds == sum(item.seconds for item in result.drains) + 180
    twin.settle()
    assert len(ready_pods(twin)) == 6
    for item in twin.state.all(Node):
        assert item.metadata.creation_timestamp is not None
        assert (item.spec.unschedulable, item.spec.taints) == (False, ())


def test_an_upgrade_stops_where_a_node_cannot_be_drained() -> None:
    twin = two_nodes(replica_set("cart", 1), pdb("cart", minAvailable=1))
    result = upgrade(twin, ["b", "a"], replaced_after=60)
    assert result.done == ("b",)
    assert [(item.node, item.for_ever) for item in result.drains] == [("b", False), ("a", True)]


def test_agents_start_anew_on_the_new_machine() -> None:
    agent = pod("agent-0", owner=owned_by("DaemonSet", "agent"))
    twin = world([node("a"), node("b"), workload("DaemonSet", "agent", None), agent])
    upgrade(twin, ["a"], DrainOptions(ignore_daemonsets=True), replaced_after=10)
    assert ready_pods(twin) == []
    twin.settle()
    assert ready_pods(twin) == ["agent-0"]
