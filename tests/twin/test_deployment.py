"""Deployments: rollouts, scaling, pauses, deadlines, history."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Deployment, Pod, ReplicaSet
from seakeep.model.objects.workloads import RollingUpdate, Strategy
from seakeep.twin.world import Twin
from tests.twin.builders import node
from tests.twin.workload_worlds import bad_image, change, get, pods, ready, roll, said, workload, world

NODES = [node("a", cpu="16"), node("b", cpu="16")]


def sizes(twin: Twin) -> dict[str, int]:
    """Replicas by revision."""
    key = "deployment.kubernetes.io/revision"
    return {item.metadata.annotations[key]: item.spec.replicas or 0 for item in twin.state.all(ReplicaSet)}


def rolling(surge: int | str, missing: int | str) -> Strategy:
    return Strategy(rolling_update=RollingUpdate(max_surge=surge, max_unavailable=missing))


def test_a_rollout_ends_with_the_new_image_everywhere() -> None:
    twin = world([*NODES, workload("Deployment", replicas=4)])
    twin.settle()
    roll(twin, Deployment, "example/app:2")
    assert twin.settle() is None
    assert set(pods(twin).values()) == {"example/app:2"}
    assert sizes(twin) == {"1": 0, "2": 4}
    item = get(twin, Deployment)
    assert said(item) == {"Available": ("True", "MinimumReplicasAvailable"), "Progressing": ("True", "NewReplicaSetAvailable")}  # fmt: skip
    assert (item.status.updated_replicas, item.status.unavailable_replicas, item.metadata.generation) == (4, 0, 2)


def test_never_fewer_available_nor_more_in_all_than_the_strategy_allows() -> None:
    twin = world([*NODES, workload("Deployment", replicas=5, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}})])  # fmt: skip
    twin.settle()
    roll(twin, Deployment, "example/app:2")
    seen = []
    for _ in range(400):
        twin.settle(within=0.25)
        seen.append((ready(twin), sum(pod.metadata.deletion_timestamp is None for pod in twin.state.all(Pod))))
    assert min(count for count, _ in seen) == 4
    assert max(count for _, count in seen) == 6
    assert ready(twin) == 5


def test_a_broken_image_stops_the_rollout_and_passes_its_deadline() -> None:
    twin = world([*NODES, workload("Deployment", replicas=4, progressDeadlineSeconds=60)], faults=bad_image)
    twin.settle()
    roll(twin, Deployment, "example/app:bad")
    twin.settle()
    assert ready(twin) == 3
    assert said(get(twin, Deployment))["Progressing"] == ("False", "ProgressDeadlineExceeded")
    message = next(each.message for each in get(twin, Deployment).status.conditions if each.type == "Progressing")
    name = next(item.name for item in twin.state.all(ReplicaSet) if item.spec.template.spec.containers[0].image.endswith("bad"))  # fmt: skip
    assert message == f'ReplicaSet "{name}" has timed out progressing.'
    roll(twin, Deployment, "example/app:1")
    twin.settle()
    assert (ready(twin), sizes(twin)) == (4, {"2": 0, "3": 4})
    assert said(get(twin, Deployment))["Progressing"] == ("True", "NewReplicaSetAvailable")


def test_scaling_in_the_middle_of_a_rollout_is_proportional() -> None:
    twin = world([*NODES, workload("Deployment", replicas=10)], faults=bad_image)
    change(twin, Deployment, strategy=rolling(3, 2))
    twin.settle()
    roll(twin, Deployment, "example/app:bad")
    twin.settle(within=30)
    assert sizes(twin) == {"1": 8, "2": 5}
    change(twin, Deployment, replicas=15)
    twin.settle(within=30)
    assert sizes(twin) == {"1": 11, "2": 7}


def test_recreate_ends_the_old_pods_before_it_makes_new_ones() -> None:
    twin = world([*NODES, workload("Deployment", replicas=2, strategy={"type": "Recreate"})])
    twin.settle()
    roll(twin, Deployment, "example/app:2")
    for _ in range(40):
        twin.settle(within=0.25)
        assert len(set(pods(twin).values())) <= 1
    assert ready(twin) == 2
    assert set(pods(twin).values()) == {"example/app:2"}


def test_paused_it_scales_and_does_not_roll() -> None:
    twin = world([*NODES, workload("Deployment")])
    twin.settle()
    change(twin, Deployment, paused=True)
    roll(twin, Deployment, "example/app:2")
    change(twin, Deployment, replicas=5)
    twin.settle()
    assert (ready(twin), set(pods(twin).values())) == (5, {"example/app:1"})
    assert said(get(twin, Deployment))["Progressing"] == ("Unknown", "DeploymentPaused")
    change(twin, Deployment, paused=False)
    twin.settle()
    assert set(pods(twin).values()) == {"example/app:2"}


def test_history_is_kept_up_to_its_limit_and_a_revision_comes_back_under_a_new_number() -> None:
    twin = world([*NODES, workload("Deployment", replicas=1, revisionHistoryLimit=1)])
    for number in range(2, 5):
        twin.settle()
        roll(twin, Deployment, f"example/app:{number}")
    twin.settle()
    assert sizes(twin) == {"3": 0, "4": 1}
    roll(twin, Deployment, "example/app:3")
    twin.settle()
    assert sizes(twin) == {"4": 0, "5": 1}
    back = next(item for item in twin.state.all(ReplicaSet) if item.spec.replicas)
    assert back.metadata.annotations["deployment.kubernetes.io/revision-history"] == "3"


def test_a_refusal_is_said_and_a_run_ends_all_the_same() -> None:
    twin = world([*NODES, workload("Deployment")], refuse=True)
    assert twin.settle() is None
    item = get(twin, Deployment)
    assert said(item)["ReplicaFailure"] == ("True", "FailedCreate")
    assert said(item)["Progressing"] == ("False", "ProgressDeadlineExceeded")
    assert next(each.message for each in item.status.conditions if each.type == "ReplicaFailure").endswith("exceeded quota: q")  # fmt: skip


def test_orphans_that_match_are_adopted_and_relabelled_pods_let_go() -> None:
    twin = world([*NODES, workload("ReplicaSet", replicas=2)])
    twin.settle()
    first = next(twin.state.all(Pod))
    twin.update(replace(first, metadata=replace(first.metadata, labels={"app": "other"})))
    twin.settle()
    assert len(pods(twin)) == 3
    loose = get(twin, Pod, first.name)
    assert loose.metadata.owner_references == ()
    twin.update(replace(loose, metadata=replace(loose.metadata, labels={"app": "web"})))
    twin.settle()
    assert len(pods(twin)) == 2
