"""The eviction API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.model.objects import Pod, PodDisruptionBudget
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.disruption.eviction import evict
from seakeep.twin.world import Twin
from tests.twin.builders import Object, node, replica_set
from tests.twin.worlds import figures, pdb, pod, ready_pods, status, world

VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."


def ref(name: str) -> Ref:
    return Ref("Pod", "shop", name)


def refusal(twin: Twin, name: str, **options: Any) -> tuple[int, str, tuple[str, ...]]:
    with pytest.raises(RejectedError) as caught:
        evict(twin, ref(name), **options)
    return caught.value.code, caught.value.message, caught.value.causes


def with_status(twin: Twin, name: str, **changes: Any) -> None:
    budget = twin.state.get(PodDisruptionBudget, "shop", name)
    assert budget is not None
    twin.record(replace(budget, status=replace(budget.status, **changes)), "test")


def test_evictions_of_one_moment_count() -> None:
    twin = world([node("a"), replica_set("cart", 3), pdb("cart", maxUnavailable=1)])
    first, second, _ = (item.name for item in twin.state.all(Pod))
    evict(twin, ref(first))
    assert refusal(twin, second) == (
        429,
        VIOLATES,
        ("The disruption budget cart does not allow evicting pods currently",),
    )
    assert status(twin, "cart").disrupted_pods == {first: twin.now}
    assert [item.reason for item in status(twin, "cart").conditions] == ["InsufficientPods"]
    twin.settle()
    assert len(ready_pods(twin)) == 3
    assert figures(twin, "cart") == (3, 2, 3, 1)
    evict(twin, ref(second))


def test_the_pod_ends_gracefully_and_says_why() -> None:
    twin = world([node("a"), replica_set("cart", 1)])
    (name,) = (item.name for item in twin.state.all(Pod))
    evict(twin, ref(name))
    ending = twin.state.get(Pod, "shop", name)
    assert ending is not None
    ends = twin.now + timedelta(seconds=30)
    assert (ending.metadata.deletion_timestamp, ending.metadata.deletion_grace_period_seconds) == (ends, 30)
    (target,) = (item for item in ending.status.conditions if item.type == "DisruptionTarget")
    assert (target.status, target.reason, target.message) == ("True", "EvictionByEvictionAPI", "Eviction API: evicting")
    assert target.last_transition_time == twin.now
    twin.settle()
    assert twin.state.find(ref(name)) is None
    assert len(ready_pods(twin)) == 1


def test_a_dry_run_changes_nothing_and_so_repeats_its_promise() -> None:
    twin = world([node("a"), replica_set("cart", 2), pdb("cart", maxUnavailable=1)])
    first, second = (item.name for item in twin.state.all(Pod))
    before = twin.state.objects()
    evict(twin, ref(first), dry_run=True)
    evict(twin, ref(second), dry_run=True)
    assert twin.state.objects() == before


def test_arithmetic_in_the_refusal() -> None:
    twin = world([node("a", cpu="2"), replica_set("cart", 3), pdb("cart", minAvailable=2)])
    name = ready_pods(twin)[0]
    cause = "The disruption budget cart needs 2 healthy pods and has 2 currently"
    assert refusal(twin, name) == (429, VIOLATES, (cause,))


@pytest.mark.parametrize("changes", [{"phase": "Succeeded"}, {"phase": "Failed"}, {"phase": "Pending"}])
def test_pods_that_no_budget_guards(changes: Object) -> None:
    twin = world([node("a"), pod("x-0", **changes), pdb("x", minAvailable=1)], settle=False)
    evict(twin, ref("x-0"))
    twin.settle()
    assert twin.state.find(ref("x-0")) is None


def test_a_finished_pod_goes_at_once_and_one_that_ends_may_be_evicted_again() -> None:
    twin = world([node("a"), pod("x-0"), pod("x-1", phase="Succeeded"), pdb("x", minAvailable=1)], settle=False)
    evict(twin, ref("x-1"))
    assert twin.state.find(ref("x-1")) is None
    twin.delete(ref("x-0"))
    evict(twin, ref("x-0"))
    assert status(twin, "x").disrupted_pods == {}


def test_several_budgets() -> None:
    message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    twin = world([node("a"), pod("x-0"), pdb("one", "x", maxUnavailable=1), pdb("two", "x", maxUnavailable=1)])
    assert refusal(twin, "x-0") == (500, message, ())
    twin.delete(Ref("PodDisruptionBudget", "shop", "two"))
    assert refusal(twin, "x-0")[0] == 429  # it has no controller, so that nothing is expected and nothing allowed
    twin = world([node("a"), pod("x-0"), pdb("one", "x", "other", minAvailable=0), pdb("two", "x", minAvailable=0)])
    evict(twin, ref("x-0"))


@pytest.mark.parametrize(
    ("policy", "healthy", "desired", "goes"),
    [
        ("IfHealthyBudget", 2, 2, True),
        ("IfHealthyBudget", 1, 2, False),
        ("IfHealthyBudget", 0, 0, False),
        ("AlwaysAllow", 0, 2, True),
    ],
)
def test_unhealthy_pods(policy: str, healthy: int, desired: int, goes: bool) -> None:
    spec: dict[str, Any] = {"minAvailable": desired, "unhealthyPodEvictionPolicy": policy}
    pods = [pod(f"x-{number}", ready=number < healthy) for number in range(3)]
    twin = world([node("a"), *pods, pdb("x", **spec)], kubelet=False)  # it would make the others ready
    with_status(twin, "x", disruptions_allowed=0)
    if goes:
        evict(twin, ref("x-2"))
        assert status(twin, "x").disrupted_pods == {}
    else:
        assert refusal(twin, "x-2")[:2] == (429, VIOLATES)


@pytest.mark.parametrize(
    ("changes", "code", "message", "cause"),
    [
        (
            {"disruptions_allowed": -1},
            403,
            'poddisruptionbudget.policy "x" is forbidden: pdb disruptions allowed is negative',
            "The disruption budget x does not allow evicting pods currently: pdb disruptions allowed is negative",
        ),
        (
            {"disrupted_pods": {f"p{number}": None for number in range(2001)}},
            403,
            (
                'poddisruptionbudget.policy "x" is forbidden: '
                "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
            ),
            (
                "The disruption budget x does not allow evicting pods currently: "
                "too many pending evictions not confirmed by PDB controller"
            ),
        ),
        ({"observed_generation": 0}, 429, VIOLATES, "The disruption budget x is still being processed by the server."),
    ],
)
def test_refusals(changes: dict[str, Any], code: int, message: str, cause: str) -> None:
    twin = world([node("a"), pod("x-0"), pod("x-1"), pdb("x", minAvailable=1)])
    with_status(twin, "x", **changes)
    assert refusal(twin, "x-0") == (code, message, (cause,))


def test_a_failed_sync_comes_before_the_arithmetic() -> None:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "load", "uid": "", "controller": True}
    twin = world([node("a"), pod("x-0", owner=owner), pdb("x", maxUnavailable=1)])
    cause = (
        "The disruption budget x does not allow evicting pods currently because it failed sync: "
        "jobs.batch does not implement the scale subresource"
    )
    # A budget that never synced has observed no generation, and that is asked first.
    assert refusal(twin, "x-0")[2] == ("The disruption budget x is still being processed by the server.",)
    with_status(twin, "x", observed_generation=1)
    assert refusal(twin, "x-0") == (429, VIOLATES, (cause,))


def test_a_pod_that_is_not_there() -> None:
    assert refusal(world([node("a")]), "x-0") == (404, 'pods "x-0" not found', ())


def test_no_grace_waits_for_no_kubelet() -> None:
    twin = world([node("a"), pod("x-0")])
    evict(twin, ref("x-0"), grace=0)
    assert twin.state.find(ref("x-0")) is None


def test_the_eviction_of_another_pod_of_that_name() -> None:
    """The budget is charged all the same, until the controller finds that the pod stays."""
    twin = world([node("a"), pod("x-0"), pod("x-1"), pdb("x", minAvailable=1)])
    message = (
        'Operation cannot be fulfilled on Pod "x-0": the UID in the precondition (other) does not match '
        "the UID in record (p-x-0). The object might have been deleted and then recreated"
    )
    assert refusal(twin, "x-0", uid="other", dry_run=True) == (409, message, ())
    assert figures(twin, "x") == (2, 1, 2, 1)
    assert refusal(twin, "x-0", uid="other") == (409, message, ())
    assert status(twin, "x").disrupted_pods == {"x-0": twin.now}
    assert refusal(twin, "x-1")[0] == 429
    twin.settle(within=121)
    assert figures(twin, "x") == (2, 1, 2, 1)
    evict(twin, ref("x-0"), uid="p-x-0")


def test_a_conflict_over_a_pod_that_is_not_ready_asks_to_come_again() -> None:
    budget = pdb("x", minAvailable=1, unhealthyPodEvictionPolicy="AlwaysAllow")
    twin = world([node("a"), pod("x-0", ready=False), budget], kubelet=False)
    with pytest.raises(RejectedError) as caught:
        evict(twin, ref("x-0"), uid="other")
    cause = "The disruption budget x is still being processed by the server."
    assert (caught.value.code, caught.value.causes, caught.value.retry_after) == (429, (cause,), 10)
    evict(twin, ref("x-0"))


def test_a_shorter_grace_period_moves_the_end() -> None:
    twin = world([node("a"), pod("x-0")], kubelet=False)
    evict(twin, ref("x-0"), grace=60)
    start = twin.now
    twin.settle(within=5)

    def end(grace: int | None) -> tuple[timedelta, int | None]:
        evict(twin, ref("x-0"), grace=grace)
        found = twin.state.get(Pod, "shop", "x-0")
        assert found is not None
        assert found.metadata.deletion_timestamp is not None
        return found.metadata.deletion_timestamp - start, found.metadata.deletion_grace_period_seconds

    assert end(None) == (timedelta(seconds=60), 60)
    assert end(30) == (timedelta(seconds=30), 30)
    assert end(60) == (timedelta(seconds=30), 30)
    assert end(20) == (timedelta(seconds=20), 20)
    assert end(None) == (timedelta(seconds=20), 20)
    # The end would be in the past.
    assert end(2) == (timedelta(seconds=5), 1)
    evict(twin, ref("x-0"), grace=0)
    assert twin.state.find(ref("x-0")) is None
