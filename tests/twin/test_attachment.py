"""Volumes that one node can have at a time."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Deployment, Pod
from seakeep.model.refs import Ref
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.twin.builders import Object, node
from tests.twin.platforms import namespace, settled, whole, workload

DISK = {"csi": {"driver": "disk.example.com", "volumeHandle": "d1"}}
SHARES = {"csi": {"driver": "nfs.csi.k8s.io", "volumeHandle": "s1"}}


def platform(source: Object, modes: tuple[str, ...] = ("ReadWriteOnce",), *more: Object) -> list[Object]:
    """A Deployment of one with a bound claim, on the only node that has room for two of it."""
    base = {"capacity": {"storage": "5Gi"}, "accessModes": list(modes), "storageClassName": ""}
    bound = {"claimRef": {"namespace": "shop", "name": "data", "uid": "claim-data"}, **source}
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv-data"}, "spec": {**base, **bound}, "status": {"phase": "Bound"}}  # fmt: skip
    wanted = {"accessModes": list(modes), "volumeName": "pv-data", "storageClassName": "", "resources": {"requests": {"storage": "5Gi"}}}  # fmt: skip
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop", "uid": "claim-data", "annotations": {"pv.kubernetes.io/bind-completed": "yes"}}, "spec": wanted, "status": {"phase": "Bound"}}  # fmt: skip
    database = workload("Deployment", "db", 1)
    database["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return [node("a"), *namespace(), volume, claim, database, *more]


def beside(objects: list[Object]) -> Observed:
    """The same with another node, to which the pods must go from now on."""
    first = settled(objects)
    found = whole([node("b")])
    known = {**first.objects, "Node": {**first.objects["Node"], **found.objects["Node"]}}
    cordoned = known["Node"]["", "a"]
    known["Node"] = {**known["Node"], ("", "a"): replace(cordoned, spec=replace(cordoned.spec, unschedulable=True))}  # type: ignore[attr-defined]
    return build(replace(first, objects=known))


def roll(twin: Observed) -> None:
    item = twin.state.get(Deployment, "shop", "db")
    assert item is not None
    template = item.spec.template
    container = replace(template.spec.containers[0], image="acme/app:2")
    changed = replace(template, spec=replace(template.spec, containers=(container,)))
    twin.update(replace(item, spec=replace(item.spec, template=changed)))
    twin.settle(within=300)


def shown(twin: Observed) -> dict[str, tuple[bool, str]]:
    """Node → whether its pod is ready, and what its container waits for."""
    found = {}
    for pod in twin.state.all(Pod):
        waits = [item.state.waiting.message for item in pod.status.container_statuses if item.state.waiting]
        found[pod.spec.node_name] = (is_ready(pod), "".join(waits))
    return found


def test_a_rollout_to_another_node_waits_for_the_disk_until_its_holder_goes() -> None:
    twin = beside(platform(DISK))
    roll(twin)
    old = next(pod for pod in twin.state.all(Pod) if pod.spec.node_name == "a")
    words = f'Waiting for detach for volume "pv-data" Volume is already used by pod(s) {old.name}'
    assert shown(twin) == {"a": (True, ""), "b": (False, words)}
    # What a snapshot of that shows goes on, and ends in the same way.
    again = build(replace(twin.snapshot, objects=twin.state.objects(), taken_at=twin.now))
    for each in (twin, again):
        each.settle(within=1200)
        assert shown(each) == {"a": (True, ""), "b": (False, words)}
        each.delete(Ref("Pod", "shop", old.name), force=True)
        each.settle(within=60)
        assert (True, "") in shown(each).values()


def test_the_pod_of_a_lost_node_keeps_its_disk() -> None:
    twin = beside(platform(DISK))
    twin.state.silent = {"a": twin.now}
    twin.look_again(Ref("Node", "", "a"))
    twin.settle(within=3600)
    ready = {pod.spec.node_name: is_ready(pod) for pod in twin.state.all(Pod)}
    assert ready == {"a": False, "b": False}
    gone = next(pod for pod in twin.state.all(Pod) if pod.spec.node_name == "a")
    assert gone.metadata.deletion_timestamp is not None
    twin.delete(gone.ref, force=True)
    twin.settle(within=60)
    assert shown(twin) == {"b": (True, "")}


@pytest.mark.parametrize(
    ("source", "modes", "more"),
    [
        (DISK, ("ReadWriteMany",), ()),
        (DISK, (), ()),
        (SHARES, ("ReadWriteOnce",), ()),
        ({"nfs": {"server": "files", "path": "/"}}, ("ReadWriteOnce",), ()),
        (
            DISK,
            ("ReadWriteOnce",),
            ({"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "disk.example.com"}, "spec": {"attachRequired": False}},),
        ),
    ],
)  # fmt: skip
def test_what_several_nodes_may_have_or_nothing_attaches_keeps_nobody_waiting(
    source: Object, modes: tuple[str, ...], more: Any
) -> None:
    twin = beside(platform(source, modes, *more))
    roll(twin)
    assert shown(twin) == {"b": (True, "")}
