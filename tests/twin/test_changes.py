"""What a change touches, and that controllers miss nothing that they do not mind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.model.objects import (
    Condition,
    ContainerStatus,
    Deployment,
    EndpointSlice,
    Metadata,
    Node,
    Pod,
    ReplicaSet,
    ResourceQuota,
    Service,
    ServicePort,
)
from seakeep.model.objects.cluster import QuotaSpec
from seakeep.model.objects.network import ServiceSpec
from seakeep.model.objects.pods import PodStatus
from seakeep.model.refs import Ref
from seakeep.twin.build import build
from seakeep.twin.changes import ALL, METADATA, PHASE, READY, REST, SPEC, STATUS, parts
from seakeep.twin.controller import Controller, Question, questions
from seakeep.twin.disruption.drain import drain
from seakeep.twin.disruption.outage import lose_node
from seakeep.twin.world import Twin
from tests.twin.platforms import namespace, nodes, pdb, settled, workload

_READY = Condition(type="Ready", status="True")
_POD = Pod(status=PodStatus(phase="Running", conditions=(_READY,)))


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (replace(_POD, metadata=replace(_POD.metadata, labels={"app": "shop"})), METADATA),
        (replace(_POD, spec=replace(_POD.spec, node_name="a")), SPEC),
        (replace(_POD, status=replace(_POD.status, pod_ip="10.0.0.1")), STATUS),
        (replace(_POD, status=replace(_POD.status, phase="Failed")), STATUS | PHASE),
        (replace(_POD, status=replace(_POD.status, conditions=())), STATUS | READY),
    ],
)
def test_the_parts_of_a_pod(new: Pod, found: int) -> None:
    assert parts(_POD, new) == found


_WAITING = Pod(status=PodStatus(phase="Pending"))


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (replace(_WAITING.status, conditions=(Condition(type="PodScheduled", status="True"),)), STATUS),
        (replace(_WAITING.status, phase="Running"), STATUS | PHASE | READY),
        (replace(_WAITING.status, container_statuses=(ContainerStatus(name="app", ready=True),)), STATUS | READY),
        (replace(_WAITING.status, conditions=(_READY,)), STATUS | READY),
    ],
)
def test_where_no_condition_tells_the_phase_and_the_containers_do(new: PodStatus, found: int) -> None:
    assert parts(_WAITING, replace(_WAITING, status=new)) == found


def test_a_cordon_is_no_change_of_the_metadata() -> None:
    twin: Twin = build(settled(_platform()))
    node = twin.state.get(Node, "", "a")
    assert node is not None
    new = twin.update(replace(node, spec=replace(node.spec, unschedulable=True)))
    assert parts(node, new) == SPEC


def test_endpoints_are_the_rest() -> None:
    item = EndpointSlice()
    assert parts(item, replace(item, address_type="IPv6")) == REST


def _platform() -> list[dict[str, Any]]:
    recreated = workload("Deployment", "stock", 2)
    recreated["spec"]["strategy"] = {"type": "Recreate"}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"}}
    service["spec"] = {"selector": {"app": "cart"}, "ports": [{"port": 80}]}
    apps = [workload("Deployment", "cart", 3, apart=True), workload("StatefulSet", "store", 2), recreated]
    return [*nodes(), *namespace(), *apps, service, pdb("cart", maxUnavailable=1), pdb("store", minAvailable=1)]


@dataclass(frozen=True)
class _Played:
    objects: object
    steps: list[tuple[str, str, str]]
    writes: int


def _play(what: str, snapshot: Any) -> _Played:
    twin: Twin = build(snapshot)
    twin.settle(within=60)
    if what == "drain":
        drain(twin, "a")
    elif what == "lose":
        lose_node(twin, "b")
    else:
        item = twin.state.get(Deployment, "shop", what)
        assert item is not None
        image = replace(item.spec.template.spec.containers[0], image="acme/app:2")
        template = replace(item.spec.template, spec=replace(item.spec.template.spec, containers=(image,)))
        twin.update(replace(item, spec=replace(item.spec, template=template)))
    twin.settle(within=900)
    return _Played(
        twin.state.objects(), sorted((str(step.object), step.what, step.why) for step in twin.steps), twin.state.version
    )


def _of_every_change(controller: Controller, kind: str) -> list[Question]:
    return [Question(ALL, each.concerns) for each in questions(controller, kind)]


@pytest.mark.parametrize("what", ["drain", "lose", "cart", "stock"])
def test_who_is_asked_about_every_change_does_no_more(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = settled(_platform())
    asked = _play(what, snapshot)
    monkeypatch.setattr("seakeep.twin.world.questions", _of_every_change)
    monkeypatch.setattr("seakeep.twin.controllers.deployment.resting", lambda *_: None)
    monkeypatch.setattr("seakeep.twin.controllers.replica_set._is_settled", lambda *_: False)
    monkeypatch.setattr("seakeep.twin.controllers.stateful_set._is_settled", lambda *_: False)
    monkeypatch.setattr("seakeep.twin.controllers.endpoint_slice._only", lambda *_: None)
    assert asked == _play(what, snapshot)


def test_a_deployment_at_rest_notices_that_its_replica_set_is_scaled() -> None:
    twin: Twin = build(settled(_platform()))
    twin.settle(within=60)
    found = next(item for item in twin.state.all(ReplicaSet) if item.name.startswith("cart-"))
    twin.update(replace(found, spec=replace(found.spec, replicas=1)))
    twin.settle(within=60)
    now = twin.state.get(ReplicaSet, "shop", found.name)
    assert now is not None
    assert now.spec.replicas == 3
    assert any(step.object == Ref("ReplicaSet", "shop", found.name) and "Scaled up" in step.why for step in twin.steps)


def _service(app: str) -> Service:
    ports = (ServicePort(port=80),)
    metadata = Metadata(name="stock", namespace="shop")
    return Service(api_version="v1", metadata=metadata, spec=ServiceSpec(selector={"app": app}, ports=ports))


def _restarted(twin: Twin) -> None:
    """A pod of the Deployment stock goes, and another takes its place."""
    gone = next(pod for pod in twin.state.all(Pod) if pod.labels["app"] == "stock")
    twin.delete(gone.ref)
    twin.settle(within=120)


def _ready(twin: Twin) -> set[str]:
    """Pods of the Deployment stock."""
    return {pod.name for pod in twin.state.all(Pod) if pod.labels["app"] == "stock"}


def _behind(twin: Twin) -> set[str]:
    slices = [item for item in twin.state.all(EndpointSlice) if item.name.startswith("stock")]
    return {each.target_ref.name for item in slices for each in item.endpoints if each.target_ref is not None}


def test_what_comes_later_is_told_of_pods_that_nobody_had_watched() -> None:
    twin: Twin = build(settled(_platform()))
    _restarted(twin)
    branch = twin.branch()
    branch.create(_service("stock"))
    branch.settle(within=60)
    assert _behind(branch) == _ready(branch)
    _restarted(branch)
    assert _behind(branch) == _ready(branch)
    _restarted(twin)
    assert _behind(twin) == set()


def test_a_selector_that_changes_is_followed() -> None:
    twin: Twin = build(settled(_platform()))
    twin.create(_service("nobody"))
    _restarted(twin)
    assert _behind(twin) == set()
    item = twin.state.get(Service, "shop", "stock")
    assert item is not None
    twin.update(replace(item, spec=replace(item.spec, selector={"app": "stock"})))
    twin.settle(within=60)
    _restarted(twin)
    assert _behind(twin) == _ready(twin)


def test_a_quota_that_comes_later_gives_back_what_goes() -> None:
    twin: Twin = build(settled(_platform()))
    _restarted(twin)
    metadata = Metadata(name="all", namespace="shop")
    twin.create(ResourceQuota(api_version="v1", metadata=metadata, spec=QuotaSpec(hard={"pods": "10"})))
    twin.settle(within=60)
    _restarted(twin)
    quota = twin.state.get(ResourceQuota, "shop", "all")
    assert quota is not None
    assert quota.status.used == {"pods": str(len(list(twin.state.all(Pod))))}
