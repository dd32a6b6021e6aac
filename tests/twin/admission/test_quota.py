"""ResourceQuota: what is charged, to whom, and in which words it is refused."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod, ResourceQuota
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.quota import quota_status
from seakeep.twin.state import State
from tests.twin.admission.builders import Object, create, pod, quota, refusal, thing, world


def used(state: State, name: str = "q") -> dict[str, object]:
    found = state.get(ResourceQuota, "shop", name)
    assert found is not None
    return dict(found.status.used)


def test_exceeded_with_the_names_sorted() -> None:
    state = world(quota("q", {"requests.cpu": "1", "pods": "1"}))
    create(state, pod("a", requests={"cpu": "1000m"}))
    assert used(state) == {"pods": "1", "requests.cpu": "1"}
    assert refusal(state, pod("x", requests={"cpu": "1"})) == (
        403,
        'pods "x" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=1, used: pods=1,requests.cpu=1, limited: pods=1,requests.cpu=1',
    )
    assert used(state) == {"pods": "1", "requests.cpu": "1"}


def test_each_container_must_say_what_a_quota_of_cpu_or_memory_counts() -> None:
    state = world(quota("q", {"limits.cpu": "1", "requests.memory": "1Gi"}))
    assert refusal(state, pod()) == (
        403,
        'pods "x" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.memory for: c',
    )
    whole = {"requests": {"memory": "1Gi"}, "limits": {"cpu": "1"}}
    create(state, pod(resources=whole))
    assert used(state) == {"limits.cpu": "1", "requests.memory": "1Gi"}


def test_a_quota_without_figures_refuses_and_one_without_status_does_not() -> None:
    state = world(quota("q", {"pods": "1"}, used={}))
    assert refusal(state, pod()) == (403, 'pods "x" is forbidden: status unknown for quota: q, resources: pods')
    state = world(thing("ResourceQuota", "q", spec={"hard": {"pods": "0"}}))
    create(state, pod())


def test_sidecars_add_up_and_init_containers_reach_a_peak() -> None:
    state = world(quota("q", {"requests.cpu": "10"}))
    containers = [
        {"name": "setup", "image": "x", "resources": {"requests": {"cpu": "3"}}},
        {"name": "proxy", "image": "x", "restartPolicy": "Always", "resources": {"requests": {"cpu": "500m"}}},
    ]
    create(state, pod(requests={"cpu": "1"}, initContainers=containers))
    assert used(state) == {"requests.cpu": "3"}


def test_extended_resources_and_huge_pages() -> None:
    state = world(quota("q", {"requests.example.com/gpu": "1", "hugepages-2Mi": "4Mi"}))
    create(state, pod("a", requests={"cpu": "1"}, limits={"example.com/gpu": "1", "hugepages-2Mi": "4096Ki"}))
    assert used(state) == {"requests.example.com/gpu": "1", "hugepages-2Mi": "4Mi"}
    assert "requested: requests.example.com/gpu=1" in refusal(state, pod("x", limits={"example.com/gpu": "1"}))[1]


def test_scopes_pick_the_pods_that_count() -> None:
    urgent = {
        "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["system-node-critical"]}]
    }
    state = world(
        quota("ends", {"pods": "5"}, scopes=["Terminating"]),
        quota("idle", {"pods": "5"}, scopes=["BestEffort"]),
        quota("urgent", {"pods": "5"}, scopeSelector=urgent),
        quota("far", {"pods": "5"}, scopes=["CrossNamespacePodAffinity"]),
    )
    term = {"topologyKey": "zone", "labelSelector": {}, "namespaces": ["other"]}
    create(state, pod("a", activeDeadlineSeconds=5))
    create(state, pod("b", requests={"cpu": "1"}, priorityClassName="system-node-critical"))
    affinity = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    create(state, pod("c", requests={"cpu": "1"}, affinity=affinity))
    assert [used(state, name)["pods"] for name in ("ends", "idle", "urgent", "far")] == ["1", "1", "1", "1"]


def test_claims_count_for_their_class_and_attributes_class() -> None:
    hard = {"requests.storage": "5Gi", "gold.storageclass.storage.k8s.io/requests.storage": "1Gi"}
    tuned = {"matchExpressions": [{"scopeName": "VolumeAttributesClass", "operator": "Exists"}]}
    state = world(quota("q", hard), quota("tuned", {"persistentvolumeclaims": "1"}, scopeSelector=tuned))
    spec: Object = {"storageClassName": "gold", "accessModes": ["ReadWriteOnce"]}
    spec["resources"] = {"requests": {"storage": "1Gi"}}
    create(state, thing("PersistentVolumeClaim", "a", spec=spec))
    assert used(state) == hard | {"requests.storage": "1Gi"}
    assert used(state, "tuned") == {"persistentvolumeclaims": "0"}
    assert refusal(state, thing("PersistentVolumeClaim", "b", spec=spec))[1].endswith(
        "limited: gold.storageclass.storage.k8s.io/requests.storage=1Gi"
    )
    create(
        state,
        thing("PersistentVolumeClaim", "c", spec=spec | {"storageClassName": "", "volumeAttributesClassName": "fast"}),
    )
    assert used(state, "tuned") == {"persistentvolumeclaims": "1"}


def test_a_service_that_changes_type_is_charged_the_difference() -> None:
    state = world(quota("q", {"services.nodeports": "1", "services": "5"}))
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    plain = create(state, thing("Service", "s", spec={"ports": ports}))
    wanted = from_mapping(thing("Service", "s", spec={"ports": ports[:1], "type": "NodePort"}))
    create(state, thing("Service", "t", spec={"ports": ports}))
    stored = admit(state, wanted, plain)
    assert used(state) == {"services.nodeports": "1", "services": "2"}
    state.put(stored)
    assert refusal(state, thing("Service", "u", spec={"ports": ports, "type": "LoadBalancer"}))[1].endswith(
        "exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=1"
    )


def test_objects_of_any_kind_are_counted() -> None:
    state = world(quota("q", {"count/widgets.example.com": "1", "count/deployments.apps": "1", "configmaps": "0"}))
    create(state, thing("Widget", "w", version="example.com/v1"))
    labels = {"app": "d"}
    pods = {"containers": [{"name": "main", "image": "x"}]}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pods}}
    create(state, thing("Deployment", "d", version="apps/v1", spec=spec))
    assert refusal(state, thing("Widget", "v", version="example.com/v1")) == (
        403,
        'widgets.example.com "v" is forbidden: exceeded quota: q, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
    )
    assert refusal(state, thing("ConfigMap", "m"))[0] == 403
    found = state.get(ResourceQuota, "shop", "q")
    assert found is not None
    assert quota_status(state, found).used == used(state)


def test_recalculation_leaves_out_pods_that_ended_but_for_the_object_count() -> None:
    state = world(quota("q", {"pods": "3", "count/pods": "3", "requests.cpu": "3"}))
    for name in ("a", "b"):
        create(state, pod(name, requests={"cpu": "1"}))
    first = state.get(Pod, "shop", "a")
    assert first is not None
    state.put(replace(first, status=replace(first.status, phase="Succeeded")))
    found = state.get(ResourceQuota, "shop", "q")
    assert found is not None
    assert quota_status(state, found).used == {"pods": "1", "count/pods": "2", "requests.cpu": "1"}
    assert used(state) == {"pods": "2", "count/pods": "2", "requests.cpu": "2"}
