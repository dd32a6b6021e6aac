"""What few clusters use, and decides all the same: declared features, volumes of in-tree plugins, resizes of whole pods. tests/conformance holds all of it against kube-scheduler."""

from __future__ import annotations

from typing import Any

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from seakeep.twin.requests import reserved
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.migration import MIGRATED
from seakeep.twin.scheduler.profile import judge
from seakeep.twin.state import State
from tests.twin.builders import Object, node, snapshot

EBS = {"name": "data", "awsElasticBlockStore": {"volumeID": "aws://zone/vol-1"}}


def pod(name: str, at: str = "", **spec: Any) -> Object:
    containers = spec.pop("containers", [{"name": "main", "image": "x"}])
    metadata = {"name": name, "namespace": "shop", "uid": f"pod-{name}"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": at, "containers": containers, **spec},
    }


def csi_node(name: str, count: int) -> Object:
    driver = {"name": "ebs.csi.aws.com", "nodeID": name, "allocatable": {"count": count}}
    metadata = {"name": name, "annotations": {MIGRATED: "kubernetes.io/aws-ebs"}}
    return {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": metadata, "spec": {"drivers": [driver]}}


def refusals(*objects: Object) -> dict[str, tuple[str, ...]]:
    """Of the pod `new`."""
    state = State(snapshot(objects).objects)
    new = state.get(Pod, "shop", "new")
    assert new is not None
    return dict(judge(Cluster(state), new).reasons)


def test_a_pod_that_restarts_all_containers_needs_a_kubelet_that_can() -> None:
    able = node("able")
    able["status"]["declaredFeatures"] = ["RestartAllContainersOnContainerExits"]
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}
    container = {"name": "main", "image": "x", "restartPolicy": "Never", "restartPolicyRules": [rule]}
    found = refusals(able, node("old"), pod("new", containers=[container]))
    assert found == {"old": ("node(s) didn't match Pod's required features",)}


def test_in_tree_volumes_count_to_the_limit_of_the_driver_that_serves_them() -> None:
    other = {"name": "data", "awsElasticBlockStore": {"volumeID": "vol-2"}}
    found = refusals(
        node("full"),
        node("same"),
        csi_node("full", 1),
        csi_node("same", 1),
        pod("there", "full", volumes=[other]),
        pod("also", "same", volumes=[{"name": "data", "awsElasticBlockStore": {"volumeID": "vol-1"}}]),
        pod("new", volumes=[EBS]),
    )
    # The same volume counts once; but one pod holds it for itself.
    assert found["full"] == ("node(s) exceed max volume count",)


def test_what_was_given_to_a_whole_pod_is_charged_while_it_is_resized() -> None:
    raw = pod("web", "a", resources={"requests": {"cpu": "1"}})
    raw["status"] = {"resources": {"requests": {"cpu": "3"}}, "allocatedResources": {"cpu": "2"}}
    item = from_mapping(raw)
    assert isinstance(item, Pod)
    assert reserved(item, running=True).requests["cpu"] == 3000
    assert reserved(item, running=False).requests["cpu"] == 1000


def test_tiny_amounts_are_summed_before_they_are_rounded() -> None:
    containers = [{"name": f"c{n}", "image": "x", "resources": {"requests": {"cpu": "250u"}}} for n in range(4)]
    item = from_mapping(pod("web", containers=containers))
    assert isinstance(item, Pod)
    assert reserved(item, running=False).requests["cpu"] == 1


def scores(*objects: Object) -> dict[str, int]:
    """Of the pod `new` on the one node that can take it."""
    state = State(snapshot(objects).objects)
    new = state.get(Pod, "shop", "new")
    assert new is not None
    return {plugin: int(values[0]) for plugin, values in judge(Cluster(state), new).scores.items()}


def test_a_feature_that_is_listed_after_a_greater_one_is_not_seen() -> None:
    sorted_, mixed = node("sorted"), node("mixed")
    sorted_["status"]["declaredFeatures"] = ["RestartAllContainersOnContainerExits", "VolumeBindMountOptions"]
    mixed["status"]["declaredFeatures"] = ["VolumeBindMountOptions", "RestartAllContainersOnContainerExits"]
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}
    container = {"name": "main", "image": "x", "restartPolicy": "Never", "restartPolicyRules": [rule]}
    found = refusals(sorted_, mixed, pod("new", containers=[container]))
    assert found == {"mixed": ("node(s) didn't match Pod's required features",)}


def test_what_a_waiting_pod_was_given_counts_for_balance_only() -> None:
    there = node("there")
    there["status"]["allocatable"] = {"cpu": "4", "memory": "4Gi", "pods": "10"}
    plain = pod("new", containers=[{"name": "main", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}])
    given = {**plain, "status": {"containerStatuses": [{"name": "main", "allocatedResources": {"cpu": "3"}}]}}
    without, with_ = scores(there, plain), scores(there, given)
    assert with_["NodeResourcesFit"] == without["NodeResourcesFit"] == 75
    assert with_["NodeResourcesBalancedAllocation"] < without["NodeResourcesBalancedAllocation"]


def test_less_than_no_memory_is_worse_than_none() -> None:
    small = pod("new", containers=[{"name": "main", "resources": {"requests": {"cpu": "1"}}}])
    for memory, score in (("0", 75), ("-1Gi", 37)):
        there = node("there")
        there["status"]["allocatable"] = {"cpu": "4", "memory": memory, "pods": "10"}
        assert scores(there, small)["NodeResourcesFit"] == score


def test_preferences_without_entries_are_scored_and_no_preferences_are_not() -> None:
    for affinity, scored in (({}, False), ({"preferredDuringSchedulingIgnoredDuringExecution": []}, True)):
        found = scores(node("there"), pod("new", affinity={"nodeAffinity": affinity}))
        assert ("NodeAffinity" in found) is scored


def test_given_requests_without_entries_are_none_and_not_those_of_the_specification() -> None:
    raw = pod("web", "a", containers=[{"name": "main", "resources": {"requests": {"cpu": "1"}}}])
    condition = {"type": "PodResizePending", "status": "True", "reason": "Infeasible"}
    raw["status"] = {"conditions": [condition]}
    for given, cpu in (({"allocatedResources": {"cpu": "2"}}, 2000), ({"resources": {"requests": {}}}, 0)):
        raw["status"]["containerStatuses"] = [{"name": "main", **given}]
        item = from_mapping(raw)
        assert isinstance(item, Pod)
        assert reserved(item, running=True).requests.get("cpu", 0) == cpu
