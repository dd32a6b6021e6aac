"""EndpointSlices."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import Condition, EndpointSlice, Pod, Service
from seakeep.model.objects.network import Endpoint
from seakeep.model.refs import Ref
from seakeep.twin.controllers.endpoint_slice import EndpointSlices
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.disruption.eviction import evict
from seakeep.twin.disruption.outage import lose_node
from seakeep.twin.world import Twin
from tests.twin.builders import Object, node, replica_set
from tests.twin.worlds import pod, world

PORT = {"name": "http", "port": 80, "targetPort": 8080}


def service(name: str = "cart", ports: list[Object] | None = None, **spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop", "uid": f"svc-{name}", "labels": {"team": "web"}},
        "spec": {
            "selector": {"app": "cart"},
            "clusterIP": "10.0.0.1",
            "ports": [PORT] if ports is None else ports,
            **spec,
        },
    }


def platform(*objects: Object, settle: bool = True, kubelet: bool = True) -> Twin:
    more = (EndpointSlices(), GarbageCollector(), NodeLifecycle())
    return world(
        [node("a", cpu="500", **{"topology.kubernetes.io/zone": "z"}), *objects], *more, settle=settle, kubelet=kubelet
    )


def slices(twin: Twin) -> list[EndpointSlice]:
    return list(twin.state.all(EndpointSlice))


def endpoints(twin: Twin) -> list[Endpoint]:
    return [endpoint for item in slices(twin) for endpoint in item.endpoints]


def ready(twin: Twin) -> list[bool | None]:
    return [item.conditions.ready for item in endpoints(twin)]


def words(item: Endpoint) -> tuple[bool | None, bool | None, bool | None]:
    return item.conditions.ready, item.conditions.serving, item.conditions.terminating


def test_a_service_has_a_slice_with_its_pods() -> None:
    twin = platform(service(), replica_set("cart", 2))
    (item,) = slices(twin)
    assert item.labels == {
        "team": "web",
        "kubernetes.io/service-name": "cart",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    (owner,) = item.metadata.owner_references
    assert (owner.kind, owner.name, owner.controller) == ("Service", "cart", True)
    assert [(port.name, port.port, port.protocol) for port in item.ports] == [("http", 8080, "TCP")]
    pods = list(twin.state.all(Pod))
    assert [each.addresses for each in item.endpoints] == [(each.status.pod_ip,) for each in pods]
    assert len({each.status.pod_ip for each in pods}) == 2
    assert [(each.node_name, each.zone) for each in item.endpoints] == [("a", "z")] * 2
    assert ready(twin) == [True, True]


def test_pods_come_and_go() -> None:
    twin = platform(service(), replica_set("cart", 1), settle=False)
    twin.settle(within=5)
    assert [words(item) for item in endpoints(twin)] == [(False, False, False)]
    twin.settle()
    assert [words(item) for item in endpoints(twin)] == [(True, True, False)]
    (old,) = twin.state.all(Pod)
    evict(twin, old.ref)
    twin.settle(within=1)
    assert words(endpoints(twin)[0]) == (False, True, True)
    twin.settle()
    assert [words(item) for item in endpoints(twin)] == [(True, True, False)]
    assert endpoints(twin)[0].target_ref != (old.kind, old.namespace, old.name)
    assert len(slices(twin)) == 1


def test_a_lost_node_takes_its_endpoints_out() -> None:
    twin = platform(service(), pod("cart-0", ip="10.1.0.1"), node("b"))
    assert ready(twin) == [True]
    lose_node(twin, "a")
    twin.settle(within=51)
    assert [words(item) for item in endpoints(twin)] == [(False, False, False)]


def test_named_ports() -> None:
    named = {"name": "http", "port": 80, "targetPort": "web"}
    containers = {"containers": [{"name": "main", "ports": [{"name": "web", "containerPort": 9000}]}]}
    sidecar = {
        "initContainers": [{"name": "s", "restartPolicy": "Always", "ports": [{"name": "web", "containerPort": 9001}]}]
    }
    twin = platform(
        service(ports=[named, {"name": "other", "port": 81}]),
        pod("cart-0", ip="10.1.0.1", spec=containers),
        pod("cart-1", ip="10.1.0.2", spec=sidecar),
        pod("cart-2", ip="10.1.0.3"),
    )
    found = {
        tuple((port.name, port.port) for port in item.ports): [each.addresses[0] for each in item.endpoints]
        for item in slices(twin)
    }
    assert found == {
        (("http", 9000), ("other", 81)): ["10.1.0.1"],
        (("http", 9001), ("other", 81)): ["10.1.0.2"],
        (("other", 81),): ["10.1.0.3"],
    }


def test_unready_addresses_that_are_published() -> None:
    twin = platform(service(publishNotReadyAddresses=True), pod("cart-0", ip="10.1.0.1", ready=False), kubelet=False)
    assert [words(item) for item in endpoints(twin)] == [(True, False, False)]


def test_headless() -> None:
    twin = platform(service(clusterIP="None", ports=[]), pod("cart-0", ip="10.1.0.1"))
    (item,) = slices(twin)
    assert item.labels["service.kubernetes.io/headless"] == ""
    assert (len(item.endpoints), item.ports) == (1, ())


def test_who_has_no_slice() -> None:
    twin = platform(service(type="ExternalName"), service("bare", selector={}), pod("cart-0", ip="10.1.0.1"))
    assert slices(twin) == []


def test_ended_pods_and_pods_without_an_address() -> None:
    twin = platform(
        service(),
        pod("cart-0", phase="Failed", ip="10.1.0.1"),
        pod("cart-1", "", phase="Pending", spec={"schedulingGates": [{"name": "x"}]}),
    )
    (item,) = slices(twin)
    assert (item.endpoints, item.ports) == ((), ())  # the placeholder


def test_a_pod_that_was_not_ready_and_ends_goes_with_the_next_change() -> None:
    """Its phase alone is no change that the controller looks for."""
    pods = [pod(f"cart-{number}", ip=f"10.1.0.{number}", ready=number == 0) for number in range(2)]
    twin = platform(service(), *pods, kubelet=False)

    def report(name: str, phase: str, *, readied: bool) -> list[tuple[str, bool | None]]:
        item = twin.state.get(Pod, "shop", name)
        assert item is not None
        kept = [each for each in item.status.conditions if each.type != "Ready"]
        condition = Condition(type="Ready", status=str(readied))
        twin.record(
            replace(item, status=replace(item.status, phase=phase, conditions=(*kept, condition))), "kubelet: reports"
        )
        twin.settle()
        return sorted((each.target_ref.name, each.conditions.ready) for each in endpoints(twin) if each.target_ref)

    assert report("cart-1", "Failed", readied=False) == [("cart-0", True), ("cart-1", False)]
    # One that was ready is seen to end.
    assert report("cart-0", "Failed", readied=False) == []


def test_a_pod_on_a_node_that_is_not_there() -> None:
    assert endpoints(platform(service(), pod("cart-0", "gone", ip="10.1.0.1"))) == []
    assert len(endpoints(platform(service(publishNotReadyAddresses=True), pod("cart-0", "gone", ip="10.1.0.1")))) == 1


def test_a_hundred_endpoints_each() -> None:
    twin = platform(service(), *(pod(f"cart-{number:03d}", ip=f"10.1.0.{number}") for number in range(250)))
    assert [len(item.endpoints) for item in slices(twin)] == [100, 100, 50]
    before = {item.name: item for item in slices(twin)}
    twin.delete(Ref("Pod", "shop", "cart-007"), force=True)
    twin.settle()
    assert [len(item.endpoints) for item in slices(twin)] == [99, 100, 50]
    assert sum(before[item.name] is not item for item in slices(twin)) == 1
    new = twin.state.get(Pod, "shop", "cart-001")
    assert new is not None
    twin.create(replace(new, metadata=replace(new.metadata, name="cart-new", uid="")))
    twin.settle()
    # The fullest slice with room takes it.
    assert [len(item.endpoints) for item in slices(twin)] == [100, 100, 50]


def test_a_selector_that_changes() -> None:
    twin = platform(service(), pod("cart-0", ip="10.1.0.1"), pod("web-0", ip="10.1.0.2"))
    (name,) = (item.name for item in slices(twin))
    found = twin.state.get(Service, "shop", "cart")
    assert found is not None
    twin.update(replace(found, spec=replace(found.spec, selector={"app": "web"})))
    twin.settle()
    (item,) = slices(twin)
    assert (item.name, [each.addresses for each in item.endpoints]) == (name, [("10.1.0.2",)])
    twin.delete(found.ref)
    twin.settle()
    assert slices(twin) == []


def test_a_slice_that_is_deleted_comes_back_and_what_is_settled_stays() -> None:
    twin = platform(service(), pod("cart-0", ip="10.1.0.1"))
    (item,) = slices(twin)
    steps = len(twin.steps)
    twin.look_again(Ref("Service", "shop", "cart"))
    twin.settle()
    assert len(twin.steps) == steps
    twin.delete(item.ref)
    twin.settle()
    assert [each.addresses for each in endpoints(twin)] == [("10.1.0.1",)]


def test_hostname_and_application_protocol() -> None:
    """The hostname of a pod whose subdomain is the Service."""
    twin = platform(
        node("a"),
        pod("x-0", labels={"app": "cart"}, spec={"hostname": "one", "subdomain": "cart"}),
        pod("x-1", labels={"app": "cart"}, spec={"hostname": "two", "subdomain": "other"}),
        service(ports=[{**PORT, "appProtocol": "http"}]),
    )
    (found,) = twin.state.all(EndpointSlice)
    assert {item.target_ref.name: item.hostname for item in found.endpoints if item.target_ref} == {
        "x-0": "one",
        "x-1": "",
    }
    assert [port.app_protocol for port in found.ports] == ["http"]
