"""StatefulSets: order, partitions, claims, and the rollout that a broken revision blocks."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.model.objects import ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet
from seakeep.model.objects.workloads import ClaimRetention, RollingUpdate, Strategy
from seakeep.model.refs import Ref
from seakeep.twin.world import Twin
from tests.twin.builders import Object, node
from tests.twin.workload_worlds import bad_image, change, get, pods, ready, roll, workload, world

NODES = [node("a", cpu="16"), node("b", cpu="16")]
CLASS: Object = {
    "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"},
    "provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer",
}  # fmt: skip


def stateful(**spec: Any) -> Object:
    return workload("StatefulSet", **{"serviceName": "web", **spec})


def with_claims(**spec: Any) -> Object:
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}}}  # fmt: skip
    return stateful(volumeClaimTemplates=[claim], **spec)


def made(twin: Twin) -> list[str]:
    return [step.object.name for step in twin.steps if step.object.kind == "Pod" and step.what == "created"]


def test_one_after_the_other_and_the_highest_first_when_it_shrinks_or_rolls() -> None:
    twin = world([*NODES, stateful()])
    twin.settle()
    assert made(twin) == ["web-0", "web-1", "web-2"]
    assert twin.elapsed == 6.0
    roll(twin, StatefulSet, "example/app:2")
    twin.settle()
    assert made(twin)[3:] == ["web-2", "web-1", "web-0"]
    status = get(twin, StatefulSet).status
    assert status.current_revision == status.update_revision
    assert (status.current_replicas, status.updated_replicas) == (3, 3)
    change(twin, StatefulSet, replicas=1)
    twin.settle()
    assert list(pods(twin)) == ["web-0"]


@pytest.mark.parametrize("replicas", [0, 1, 3])
def test_old_revisions_are_cleaned_up_when_a_rollout_is_over(replicas: int) -> None:
    twin = world([*NODES, stateful(replicas=replicas, revisionHistoryLimit=0)])
    twin.settle()
    roll(twin, StatefulSet, "example/app:2")
    twin.settle()
    assert len(list(twin.state.all(ControllerRevision))) == 1


def test_parallel_makes_all_at_once_from_its_first_ordinal() -> None:
    twin = world([*NODES, stateful(podManagementPolicy="Parallel", ordinals={"start": 5})])
    twin.settle()
    assert list(pods(twin)) == ["web-5", "web-6", "web-7"]
    assert twin.elapsed == 2.0


def test_a_partition_keeps_the_lower_ordinals_as_they_are() -> None:
    twin = world([*NODES, stateful()])
    change(twin, StatefulSet, update_strategy=Strategy(rolling_update=RollingUpdate(partition=2)))
    twin.settle()
    roll(twin, StatefulSet, "example/app:2")
    twin.settle()
    assert pods(twin) == {"web-0": "example/app:1", "web-1": "example/app:1", "web-2": "example/app:2"}
    twin.delete(get(twin, Pod, "web-0").ref)
    twin.settle()
    assert pods(twin)["web-0"] == "example/app:1"
    status = get(twin, StatefulSet).status
    assert (status.current_replicas, status.updated_replicas) == (2, 1)


def test_max_unavailable_replaces_several_at_once() -> None:
    twin = world([*NODES, stateful(replicas=4)])
    change(twin, StatefulSet, update_strategy=Strategy(rolling_update=RollingUpdate(max_unavailable=2)))
    twin.settle()
    before = twin.elapsed
    roll(twin, StatefulSet, "example/app:2")
    twin.settle(within=0.0)
    assert sum(pod.metadata.deletion_timestamp is not None for pod in twin.state.all(Pod)) == 2
    twin.settle()
    assert (ready(twin), set(pods(twin).values())) == (4, {"example/app:2"})
    assert twin.elapsed > before


def test_on_delete_waits_for_somebody() -> None:
    twin = world([*NODES, stateful(updateStrategy={"type": "OnDelete"})])
    twin.settle()
    roll(twin, StatefulSet, "example/app:2")
    twin.settle()
    assert set(pods(twin).values()) == {"example/app:1"}
    twin.delete(get(twin, Pod, "web-1").ref)
    twin.settle()
    assert pods(twin)["web-1"] == "example/app:2"


def test_a_broken_revision_blocks_its_own_repair_until_the_pod_is_deleted() -> None:
    """The known limitation of OrderedReady: the template is right again, and the broken pod is not replaced."""
    twin = world([*NODES, stateful()], faults=bad_image)
    twin.settle()
    roll(twin, StatefulSet, "example/app:bad")
    twin.settle()
    roll(twin, StatefulSet, "example/app:1")
    twin.settle()
    assert pods(twin)["web-2"] == "example/app:bad"
    twin.delete(get(twin, Pod, "web-2").ref)
    twin.settle()
    assert (ready(twin), set(pods(twin).values())) == (3, {"example/app:1"})


def test_claims_are_made_bound_and_kept() -> None:
    twin = world([*NODES, CLASS, with_claims()])
    twin.settle()
    claims = list(twin.state.all(PersistentVolumeClaim))
    assert [(item.name, item.status.phase) for item in claims] == [(f"data-web-{n}", "Bound") for n in range(3)]
    change(twin, StatefulSet, replicas=1)
    twin.settle()
    assert len(list(twin.state.all(PersistentVolumeClaim))) == 3


def test_claims_belong_to_the_pod_that_was_scaled_away_where_the_policy_says_so() -> None:
    twin = world([*NODES, CLASS, with_claims()])
    policy = ClaimRetention(when_scaled="Delete", when_deleted="Delete")
    change(twin, StatefulSet, persistent_volume_claim_retention_policy=policy)
    twin.settle()
    owners = {item.name: item.metadata.owner_references[0].kind for item in twin.state.all(PersistentVolumeClaim)}
    assert set(owners.values()) == {"StatefulSet"}
    change(twin, StatefulSet, replicas=2)
    twin.settle(within=0.5)
    assert get(twin, PersistentVolumeClaim, "data-web-2").metadata.owner_references[0].kind == "Pod"


def test_nothing_rolls_that_a_snapshot_shows_as_current() -> None:
    first = world([*NODES, stateful()])
    first.settle()
    shown = [item for kind, group in first.state.objects().items() if kind != "ControllerRevision" for item in group.values()]  # fmt: skip
    again = world([])
    for item in shown:
        again.record(item, "as before")
    again.settle()
    assert made(again) == []
    assert {step.what for step in again.steps if step.object.kind == "Pod"} <= {"status"}
    status = get(again, StatefulSet).status
    assert (status.replicas, status.updated_replicas) == (3, 3)


def test_a_pod_of_somebody_elses_under_its_name_is_in_the_way() -> None:
    other = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "shop", "labels": {"run": "x"}},
        "spec": {"containers": [{"name": "main", "image": "example/app:1"}]},
    }  # fmt: skip
    twin = world([*NODES, other, stateful()])
    twin.settle()
    assert list(pods(twin)) == ["web-0"]
    assert twin.refused == {Ref("StatefulSet", "shop", "web"): 'pods "web-0" already exists'}
    twin.delete(Ref("Pod", "shop", "web-0"), force=True)
    twin.settle(within=120)
    assert list(pods(twin)) == ["web-0", "web-1", "web-2"]
