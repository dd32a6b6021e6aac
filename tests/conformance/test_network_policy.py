"""The twin's network against a real control plane: manifests it takes, defaults it gives, endpoints it writes.

Who enforces policies is a network plugin, which the testbed has not: what they mean is tested against tables by hand and a naive oracle (tests/twin/network).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from seakeep.facts.policies.policy_match import isolates
from seakeep.model.objects import NetworkPolicy, Service, ServicePort
from seakeep.testing.testbed import ControlPlane
from seakeep.twin.network import services
from tests.conformance.fidelity import record
from tests.twin.network import oracle
from tests.twin.network.policy_table import CASES
from tests.twin.network.random_policies import SPACES, places, policy_sets
from tests.twin.network.worlds import Object, barred, namespace, network, objects, pods_of

pytestmark = pytest.mark.engine("kubernetes")
SETS = max(60, int(os.environ.get("SEAKEEP_CONFORMANCE_CASES", "1500")) // 12)


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane) -> ControlPlane:
    control_plane.apply([namespace(name) for name in (*"xyz", *SPACES, "ends")])
    return control_plane


def dry_run(plane: ControlPlane, item: Object) -> Object:
    """As the API server would store it. Raises ApiError for a refusal."""
    path = plane.api.path(item["apiVersion"], item["kind"], item["metadata"]["namespace"])
    answer: Object = plane.api.request("POST", f"{path}?dryRun=All", item)
    return answer


def as_stored(plane: ControlPlane, item: Object) -> Object:
    stored = {"kind": item["kind"], "apiVersion": item["apiVersion"], **dry_run(plane, item)}
    assert stored["spec"]["policyTypes"]
    for direction in ("Ingress", "Egress"):
        given_ = isolates(msgspec.convert(item, NetworkPolicy), direction)
        assert given_ == (direction in stored["spec"]["policyTypes"])
    return stored


def test_policies_of_the_table_are_accepted_and_mean_the_same_as_stored(plane: ControlPlane) -> None:
    start = time.monotonic()
    policies = [item for case in CASES for item in case.policies]
    for item in policies:
        stored = as_stored(plane, item)
        for key in ("podSelector", "ingress", "egress"):
            assert stored["spec"].get(key) == (
                item["spec"].get(key) or None if key != "podSelector" else item["spec"][key]
            )
    record(
        "network-policy-manifests",
        cases=len(CASES),
        compared={"policies": len(policies)},
        differences={},
        seconds=time.monotonic() - start,
        what="the policies of the table of cases as the API server stores them: the directions that they isolate, their rules",
    )


def test_pods_of_the_table_are_accepted(plane: ControlPlane) -> None:
    for item in objects():
        if item["kind"] == "Pod":
            dry_run(plane, {**item, "spec": {key: value for key, value in item["spec"].items() if key != "nodeName"}})


ways: dict[str, Any] = {
    "max_examples": SETS,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


def test_random_policies_are_accepted_and_as_stored_the_twin_says_what_the_oracle_says_of_what_was_sent(
    plane: ControlPlane,
) -> None:
    start = time.monotonic()
    worlds, verdicts = [0], [0]

    @given(places(), policy_sets())
    @settings(**ways)
    def play(world: list[Object], policies: list[Object]) -> None:
        stored = network([*world, *(as_stored(plane, item) for item in policies)])
        sent, pods = [*world, *policies], pods_of(world)
        worlds[0] += 1
        for source in pods:
            for target in pods:
                for way in ((80, "TCP"), (443, "UDP")):
                    verdicts[0] += 1
                    assert (barred(stored, source, target, *way) is None) == oracle.allows(sent, source, target, *way)

    play()
    record(
        "network-policies",
        cases=worlds[0],
        compared={"connections": verdicts[0]},
        differences={},
        seconds=time.monotonic() - start,
        what="generated policies, accepted by the API server and taken as it stores them: which connections they allow, against a naive reading of what was sent "
        "(who enforces policies is a network plugin, which the control plane of the tests has not)",
    )


# endpoints

HTTP = [{"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 53, "protocol": "UDP"}]


def pod(name: str, labels: Object, number: int, **more: Any) -> tuple[Object, Object]:
    """A pod on a node that no kubelet runs, and its status."""
    ready = more.pop("ready", True)
    phase, address = more.pop("phase", "Running"), more.pop("address", f"10.9.0.{number}")
    ports = more.pop("ports", HTTP)
    spec = {
        "nodeName": "still",
        "containers": [{"name": "main", "image": "example/app:1", "ports": ports}],
        **more,
    }
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    status = {
        "phase": phase,
        "conditions": conditions,
        **({"podIP": address, "podIPs": [{"ip": address}]} if address else {}),
    }
    metadata = {"name": name, "namespace": "ends", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, {"status": status}


PODS = [
    pod("ready", {"app": "web", "half": "one"}, 1),
    pod("unready", {"app": "web", "half": "two"}, 2, ready=False),
    pod("succeeded", {"app": "web"}, 3, phase="Succeeded", ready=False),
    pod("failed", {"app": "web"}, 4, phase="Failed"),
    pod("no-address", {"app": "web"}, 5, address="", phase="Pending", ready=False),
    pod("named", {"app": "web"}, 6, hostname="first", subdomain="headless"),
    pod("other-subdomain", {"app": "web"}, 7, hostname="second", subdomain="elsewhere"),
    pod("other-port", {"app": "web"}, 8, ports=[{"name": "http", "containerPort": 9090}]),
    pod("no-port", {"app": "web"}, 9, ports=[]),
    pod("udp-http", {"app": "web"}, 10, ports=[{"name": "http", "containerPort": 8181, "protocol": "UDP"}]),
    pod(
        "sidecar",
        {"app": "web"},
        11,
        ports=[],
        initContainers=[
            {
                "name": "proxy",
                "image": "example/proxy:1",
                "restartPolicy": "Always",
                "ports": [{"name": "http", "containerPort": 15000}],
            }
        ],
    ),
    pod(
        "init",
        {"app": "web"},
        12,
        ports=[],
        initContainers=[
            {"name": "early", "image": "example/early:1", "ports": [{"name": "http", "containerPort": 15001}]}
        ],
    ),
    pod("apart", {"app": "other"}, 13),
    pod("ending", {"app": "web"}, 14),
]


def service(name: str, **spec: Any) -> Object:
    spec.setdefault("selector", {"app": "web"})
    spec.setdefault("ports", [{"port": 80, "targetPort": "http"}])
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "ends"}, "spec": spec}


SERVICES = [
    service("named-port"),
    service("number", ports=[{"port": 80, "targetPort": 8080}]),
    service("same-number", ports=[{"port": 8080}]),
    service("udp", ports=[{"port": 53, "targetPort": "dns", "protocol": "UDP"}]),
    service(
        "two",
        ports=[
            {"name": "a", "port": 80, "targetPort": "http"},
            {"name": "b", "port": 53, "targetPort": "dns", "protocol": "UDP"},
        ],
    ),
    service("wrong-name", ports=[{"port": 80, "targetPort": "https"}]),
    service("half", selector={"app": "web", "half": "two"}),
    service("nobody", selector={"app": "absent"}),
    service("published", publishNotReadyAddresses=True),
    service("headless", clusterIP="None"),
    service("headless-bare", clusterIP="None", ports=[]),
    service("other", selector={"app": "other"}),
]

End = tuple[str, int, bool, bool, bool, str]


def written(plane: ControlPlane, name: str, port: str | None) -> set[End]:
    """What the EndpointSlice controller wrote for a port of the Service; None for all pods, also those without that port, which have slices of their own."""
    slices = plane.api.find(
        "discovery.k8s.io/v1", "EndpointSlice", "ends", labelSelector=f"kubernetes.io/service-name={name}"
    )
    return {
        (
            endpoint["addresses"][0],
            number,
            endpoint["conditions"]["ready"],
            endpoint["conditions"]["serving"],
            endpoint["conditions"]["terminating"],
            endpoint.get("hostname", ""),
        )
        for item in slices
        for number in _numbers(item, port)
        for endpoint in item.get("endpoints") or []
    }


def _numbers(item: Object, port: str | None) -> Iterator[int]:
    if port is None:
        yield 0
    else:
        yield from (each["port"] for each in item.get("ports") or [] if each.get("name", "") == port)


@pytest.fixture
def ends(plane: ControlPlane) -> Iterator[ControlPlane]:
    """The pods above, one of them terminating, on a node that nobody looks after: their statuses stay as they are."""
    plane.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "still"}})
    for item, status in PODS:
        plane.apply(item)
        plane.api.merge("v1", "Pod", item["metadata"]["name"], "ends", status, "status")
    plane.api.delete("v1", "Pod", "ending", "ends")
    yield plane
    for item, _ in PODS:
        plane.api.request(
            "DELETE", plane.api.path("v1", "Pod", "ends", item["metadata"]["name"]) + "?gracePeriodSeconds=0"
        )
    plane.api.delete("v1", "Node", "still")


def test_endpoints_are_those_of_the_endpoint_slice_controller(ends: ControlPlane) -> None:
    plane = ends
    start = time.monotonic()

    plane.apply(SERVICES)
    live = [
        {"apiVersion": "v1", "kind": kind, **item}
        for kind in ("Pod", "Service")
        for item in plane.api.find("v1", kind, "ends")
    ]
    world = network(live)

    def expected(item: Service, port: ServicePort | None) -> set[End]:
        return {
            (place.address, place.port, place.ready, place.serving, place.terminating, place.hostname)
            for place in services.places(world, item, port)
        }

    items = list(world.state.within(Service, "ends"))
    assert len(items) == len(SERVICES)
    pairs = [(item, port) for item in items for port in (None, *item.spec.ports)]
    told: dict[str, tuple[set[End], set[End]]] = {}

    def agreed() -> bool:
        for item, port in pairs:
            name = port.name if port else None
            told[f"{item.name} {name}"] = (written(plane, item.name, name), expected(item, port))
        return all(real == ours for real, ours in told.values())

    try:
        plane.wait_for("the endpoints of all Services", agreed, seconds=20)
    except Exception:  # noqa: BLE001 - the difference says more
        different = [
            f"{name}: only real {sorted(real - ours)}, only ours {sorted(ours - real)}"
            for name, (real, ours) in told.items()
            if real != ours
        ]
        pytest.fail("\n".join(different))
    finally:
        record(
            "network-endpoints",
            cases=len(SERVICES),
            compared={"ports": len(told), "endpoints": sum(len(real) for real, _ in told.values())},
            differences={"": sum(real != ours for real, ours in told.values())},
            seconds=time.monotonic() - start,
            what="per port of a Service, the endpoints that the EndpointSlice controller writes for pods in every state: address, port, ready, serving, terminating, hostname",
        )
    assert sum(len(real) for real, _ in told.values()) > 30
