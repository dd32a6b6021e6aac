"""The status of PodDisruptionBudgets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from seakeep.model.objects import Condition, Pod, PodDisruptionBudget, ReplicaSet
from seakeep.model.refs import Ref
from seakeep.twin.conditions import with_condition
from seakeep.twin.controllers.disruption import Disruptions, share
from seakeep.twin.controllers.scale import ScaleError
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, admit_all, node, replica_set, snapshot, suffixes
from tests.twin.worlds import figures, owned_by, pdb, pod, status, told, workload, world


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"maxUnavailable": 1}, (7, 6, 7, 1)),
        ({"maxUnavailable": "50%"}, (7, 3, 7, 4)),
        ({"maxUnavailable": "30%"}, (7, 4, 7, 3)),
        ({"maxUnavailable": 0}, (7, 7, 7, 0)),
        ({"maxUnavailable": "150%"}, (7, 0, 7, 7)),
        ({"minAvailable": "50%"}, (7, 4, 7, 3)),
        ({"minAvailable": "100%"}, (7, 7, 7, 0)),
        ({"minAvailable": 8}, (7, 8, 7, 0)),
        ({"minAvailable": 2}, (7, 2, 7, 5)),
        ({}, (0, 0, 7, 0)),
    ],
)
def test_arithmetic(spec: dict[str, Any], wanted: tuple[int, int, int, int]) -> None:
    twin = world([node("a", cpu="8"), replica_set("cart", 7), pdb("cart", **spec)])
    assert figures(twin, "cart") == wanted
    allowed = wanted[3] > 0
    assert told(twin, "cart") == (("True", "SufficientPods", "") if allowed else ("False", "InsufficientPods", ""))
    assert status(twin, "cart").observed_generation == 1


def test_pods_that_are_not_there_count_as_expected_but_not_for_a_number() -> None:
    objects = [node("a", cpu="2"), replica_set("cart", 4)]
    twin = world([*objects, pdb("cart", maxUnavailable=2), pdb("number", app="cart", minAvailable=2)])
    # Two of the four fit, and two wait.
    assert figures(twin, "cart") == (4, 2, 2, 0)
    assert figures(twin, "number") == (4, 2, 2, 0)


def test_owners_of_several_kinds_are_added_up_each_once() -> None:
    objects = [
        node("a"),
        workload("Deployment", "web", 5),
        workload("ReplicaSet", "web-1", 3, ownerReferences=[owned_by("Deployment", "web", uid="Deployment-web")]),
        workload("ReplicaSet", "web-2", 2, ownerReferences=[owned_by("Deployment", "web", uid="Deployment-web")]),
        workload("StatefulSet", "db", 3),
        workload("ReplicationController", "old", 2, "v1"),
        pod("web-1-x", owner=owned_by("ReplicaSet", "web-1"), labels={"app": "all"}),
        pod("web-2-x", owner=owned_by("ReplicaSet", "web-2"), labels={"app": "all"}),
        pod("db-0", owner=owned_by("StatefulSet", "db"), labels={"app": "all"}),
        pod("old-x", owner=owned_by("ReplicationController", "old", "v1"), labels={"app": "all"}),
        pod("bare", labels={"app": "all"}),
        pdb("all", maxUnavailable="10%"),
    ]
    twin = world(objects, settle=False)
    disruption = Disruptions()
    twin = Twin(twin.snapshot, (disruption,), now=START, suffix=suffixes(), admit=admit_all)
    twin.start_controllers()
    twin.settle()
    # 5 + 3 + 2; the pod without a controller is healthy but not expected.
    assert figures(twin, "all") == (10, 9, 5, 0)


@pytest.mark.parametrize(
    ("owner", "message"),
    [
        (owned_by("Job", "load", "batch/v1"), "jobs.batch does not implement the scale subresource"),
        (owned_by("DaemonSet", "agent"), "daemonsets.apps does not implement the scale subresource"),
        (owned_by("StatefulSet", "gone"), 'found no controllers for pod "x-0"'),
        (owned_by("StatefulSet", "db", uid="another"), 'found no controllers for pod "x-0"'),
        (owned_by("Podset", "db", "acme.io/v1"), "podsets.acme.io does not implement the scale subresource"),
    ],
)
def test_an_owner_without_scale_fails_the_sync(owner: Object, message: str) -> None:
    objects = [node("a"), workload("StatefulSet", "db", 3), _definition("Podset"), pod("x-0", owner=owner)]
    twin = world([*objects, pdb("x", maxUnavailable=1), pdb("y", app="x", minAvailable=1)])
    assert told(twin, "x") == ("False", "SyncFailed", message)
    assert figures(twin, "x")[3] == 0
    # A number for minAvailable asks nobody.
    assert figures(twin, "y") == (1, 1, 1, 0)


def test_custom_resources_with_a_scale() -> None:
    scale = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    resource = {
        "apiVersion": "acme.io/v1",
        "kind": "Podset",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"size": 4},
    }
    owner = owned_by("Podset", "db", "acme.io/v1")
    twin = world(
        [node("a"), _definition("Podset", scale), resource, pod("x-0", owner=owner), pdb("x", maxUnavailable=1)]
    )
    assert figures(twin, "x") == (4, 3, 1, 0)
    twin = world([node("a"), _definition("Podset", scale), resource | {"spec": {}}, pod("x-0", owner=owner), pdb("x", maxUnavailable=1)])  # fmt: skip
    message = 'Internal error occurred: the spec replicas field ".spec.size" does not exist'
    assert told(twin, "x") == ("False", "SyncFailed", message)


def _definition(kind: str, scale: Object | None = None) -> Object:
    version: Object = {"name": "v1", "subresources": {"scale": scale} if scale else {}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.acme.io"},
        "spec": {
            "group": "acme.io",
            "names": {"kind": kind, "plural": f"{kind.lower()}s"},
            "versions": [version],
        },
    }


def test_what_was_never_read_is_not_absent() -> None:
    objects = [node("a"), pod("x-0", owner=owned_by("StatefulSet", "x")), pdb("x", maxUnavailable=1)]
    twin = Twin(snapshot(objects), (Disruptions(),), now=START, suffix=suffixes(), admit=admit_all)
    twin.start_controllers()
    twin.settle()
    assert figures(twin, "x") == (1, 0, 1, 1)


def test_evicted_pods_count_as_gone_for_two_minutes() -> None:
    twin = world([node("a"), replica_set("cart", 3), pdb("cart", maxUnavailable=2)])
    budget = twin.state.get(PodDisruptionBudget, "shop", "cart")
    assert budget is not None
    names = [item.name for item in twin.state.all(Pod)]
    marked = {names[0]: twin.now, "another": twin.now}
    twin.record(replace(budget, status=replace(budget.status, disrupted_pods=marked)), "test")
    twin.settle(within=119)
    assert figures(twin, "cart") == (3, 1, 2, 1)
    assert list(status(twin, "cart").disrupted_pods) == names[:1]
    twin.settle(within=2)
    assert figures(twin, "cart") == (3, 1, 3, 2)
    assert status(twin, "cart").disrupted_pods == {}


def test_a_scaled_owner_is_noticed_with_its_pods() -> None:
    twin = world([node("a", cpu="2"), replica_set("cart", 2), pdb("cart", maxUnavailable=1)])
    owner = twin.state.get(ReplicaSet, "shop", "cart")
    assert owner is not None
    twin.update(replace(owner, spec=replace(owner.spec, replicas=3)))
    twin.settle()
    assert figures(twin, "cart") == (3, 2, 2, 0)
    twin.delete(Ref("ReplicaSet", "shop", "cart"))
    twin.settle()
    assert figures(twin, "cart") == (3, 2, 2, 0)


def test_pods_that_leave_a_selector() -> None:
    twin = world([node("a"), pod("x-0"), pod("x-1"), pdb("x", minAvailable=1)])
    assert figures(twin, "x") == (2, 1, 2, 1)
    leaver = twin.state.get(Pod, "shop", "x-0")
    assert leaver is not None
    twin.update(replace(leaver, metadata=replace(leaver.metadata, labels={"app": "y"})))
    twin.settle()
    # Nobody tells the budget, until another of its pods changes.
    assert figures(twin, "x") == (2, 1, 2, 1)
    other = twin.state.get(Pod, "shop", "x-1")
    assert other is not None
    twin.update(replace(other, metadata=replace(other.metadata, annotations={"seen": "yes"})))
    twin.settle()
    assert figures(twin, "x") == (1, 1, 1, 0)


def test_a_disruption_that_did_not_come_is_forgotten() -> None:
    twin = world([node("a"), pod("x-0")])
    target = Condition(type="DisruptionTarget", status="True", reason="EvictionByEvictionAPI")
    item = twin.state.get(Pod, "shop", "x-0")
    assert item is not None
    twin.record(with_condition(item, target, twin.now), "test")
    twin.settle(within=119)
    assert _target(twin).status == "True"
    twin.settle(within=1)
    assert (_target(twin).status, _target(twin).reason) == ("False", "")
    assert _target(twin).last_transition_time == START + timedelta(minutes=2)


def _target(twin: Twin) -> Condition:
    item = twin.state.get(Pod, "shop", "x-0")
    assert item is not None
    return next(each for each in item.status.conditions if each.type == "DisruptionTarget")


@given(st.integers(0, 300), st.integers(0, 100_000))
def test_shares_round_up(percent: int, total: int) -> None:
    assert share(f"{percent}%", total) == -(-percent * total // 100)


@pytest.mark.parametrize(
    ("amount", "text"), [("3", "string is not a percentage"), ("x%", 'parsing "x": invalid syntax')]
)
def test_what_is_no_share(amount: str, text: str) -> None:
    with pytest.raises(ScaleError, match=text):
        share(amount, 10)


def test_a_budget_that_loses_its_selector_picks_no_pods() -> None:
    twin = world([node("a"), pod("x-0"), pod("x-1"), pdb("x", minAvailable=1)])
    budget = twin.state.get(PodDisruptionBudget, "shop", "x")
    assert budget is not None
    twin.update(replace(budget, spec=replace(budget.spec, selector=None)))
    twin.settle()
    assert figures(twin, "x") == (0, 1, 0, 0)
