"""Services: ports, endpoints, addresses, and what listens."""

from __future__ import annotations

import pytest

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Verdict
from tests.twin.network.shop import API, HTTP, alias, ask, base, decided, service, unready
from tests.twin.network.worlds import Object, pod, policy


def test_a_port_that_the_service_does_not_have() -> None:
    assert decided(ask(base(service("api")), "api", 8080)) == (Verdict.DROPPED, API, "spec.ports")
    assert decided(ask(base(service("api")), "api", 80, "UDP")) == (Verdict.DROPPED, API, "spec.ports")


def test_a_named_target_port_that_no_container_has() -> None:
    wrong = service("api", ports=[{"port": 80, "targetPort": "https"}])
    assert decided(ask(base(wrong), "api")) == (Verdict.NO_ENDPOINTS, API, "spec.ports[0].targetPort")


def test_a_named_target_port_of_another_protocol() -> None:
    wrong = service("api", ports=[{"port": 80, "targetPort": "http", "protocol": "UDP"}])
    assert decided(ask(base(wrong), "api", 80, "UDP")) == (Verdict.NO_ENDPOINTS, API, "spec.ports[0].targetPort")


def test_a_selector_that_picks_nothing() -> None:
    assert decided(ask(base(service("api", selector={"app": "apl"})), "api")) == (
        Verdict.NO_ENDPOINTS,
        API,
        "spec.selector",
    )


def test_only_ready_pods_are_endpoints() -> None:
    items = base(service("slow"), unready("slow-1", "10.0.0.5"))
    assert decided(ask(items, "slow")) == (
        Verdict.NO_ENDPOINTS,
        Ref("Pod", "shop", "slow-1"),
        "status.conditions[Ready]",
    )
    items.append(pod("shop", "slow-2", "10.0.0.6", "node-2", {"app": "slow"}, HTTP))
    answer = ask(items, "slow")
    assert answer.verdict is Verdict.REACHABLE
    assert answer.decides is not None
    assert answer.decides.object == Ref("Pod", "shop", "slow-2")


def test_unless_addresses_are_published_before() -> None:
    items = base(service("slow", publishNotReadyAddresses=True), unready("slow-1", "10.0.0.5"))
    assert ask(items, "slow").reached


def test_terminating_pods_serve_while_there_is_no_other() -> None:
    ending = pod("shop", "end-1", "10.0.0.7", "node-1", {"app": "end"}, HTTP)
    ending["metadata"]["deletionTimestamp"] = "2026-03-02T07:59:50Z"
    assert ask(base(service("end"), ending), "end").reached
    other = pod("shop", "end-2", "10.0.0.8", "node-1", {"app": "end"}, HTTP)
    answer = ask(base(service("end"), ending, other), "end")
    assert answer.decides is not None
    assert answer.decides.object == Ref("Pod", "shop", "end-2")


def test_internal_traffic_stays_on_the_node() -> None:
    local = service("api", internalTrafficPolicy="Local")
    assert [step.what for step in ask(base(local), "api").path if step.field == "spec.ports[0]"] == [
        "port 80/TCP: api-1:8080"
    ]
    far = pod("shop", "far", "10.0.0.9", "node-3", {"app": "far"})
    answer = ask([*base(local), far], "api", source=Ref("Pod", "shop", "far"))
    assert decided(answer) == (Verdict.NO_ENDPOINTS, API, "spec.internalTrafficPolicy")


def test_sidecars_name_target_ports_too() -> None:
    proxy = pod(
        "shop",
        "mesh-1",
        "10.0.0.4",
        "node-1",
        {"app": "mesh"},
        initContainers=[{"name": "proxy", "restartPolicy": "Always", "ports": HTTP}],
    )
    assert ask(base(service("mesh"), proxy), "mesh").reached


@pytest.mark.parametrize("kind", ["Endpoints", "EndpointSlice"])
def test_a_service_without_selector_has_the_endpoints_that_somebody_wrote(kind: str) -> None:
    bare = service("old", selector={}, ports=[{"name": "db", "port": 5432}])
    assert decided(ask(base(bare), "old", 5432)) == (Verdict.NO_ENDPOINTS, Ref("Endpoints", "shop", "old"), "subsets")
    metadata: Object = {"name": "old", "namespace": "shop", "labels": {"kubernetes.io/service-name": "old"}}
    ports = [{"name": "db", "port": 15432}]
    written: Object = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": metadata,
        "subsets": [{"addresses": [{"ip": "203.0.113.5"}], "ports": ports}],
    }
    if kind == "EndpointSlice":
        endpoints = [{"addresses": ["203.0.113.5"], "conditions": {"ready": True}}]
        written = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": kind,
            "metadata": metadata,
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        }
    answer = ask(base(bare, written), "old", 5432)
    assert answer.verdict is Verdict.REACHABLE
    assert answer.assumed == ("the cluster's DNS, which was not seen, answers", "203.0.113.5:15432 answers")
    closed = policy(
        "closed",
        "shop",
        policyTypes=["Egress"],
        egress=[{"to": [{"podSelector": {}}]}, {"ports": [{"port": 53, "protocol": "UDP"}]}],
    )
    assert decided(ask(base(bare, written, closed), "old", 5432))[:2] == (
        Verdict.DROPPED,
        Ref("NetworkPolicy", "shop", "closed"),
    )


def test_some_endpoints_are_barred() -> None:
    guard = policy("guard", "shop", podSelector={"matchLabels": {"half": "yes"}}, policyTypes=["Ingress"])
    items = base(service("api"), guard)
    next(item for item in items if item["metadata"]["name"] == "api-2")["metadata"]["labels"]["half"] = "yes"
    answer = ask(items, "api")
    assert decided(answer)[:2] == (Verdict.PARTLY, Ref("NetworkPolicy", "shop", "guard"))
    assert "1 of 2 endpoints are reached: the first that is not" in [step.what for step in answer.path]


def test_policies_see_the_pods_port() -> None:
    def opened(port: int) -> Object:
        return policy(
            "opened", "shop", podSelector={"matchLabels": {"app": "api"}}, ingress=[{"ports": [{"port": port}]}]
        )

    assert ask(base(service("api"), opened(8080)), "api").reached
    assert decided(ask(base(service("api"), opened(80)), "api")) == (
        Verdict.DROPPED,
        Ref("NetworkPolicy", "shop", "opened"),
        "spec.ingress[0].ports",
    )


def test_headless_leads_to_the_pods_themselves() -> None:
    items = base(service("api", ip="None", ports=[]))
    assert ask(items, "api", 8080).reached
    assert ask(items, "api", 9).verdict is Verdict.UNKNOWN
    assert (
        decided(ask(base(service("slow", ip="None"), unready("slow-1", "10.0.0.5")), "slow"))[0] is Verdict.NO_ENDPOINTS
    )


def test_what_lies_outside_is_not_known() -> None:
    answer = ask(base(alias("mail", "smtp.example.com")), "mail", 25)
    assert (answer.verdict, answer.decides is not None and answer.decides.object) == (Verdict.UNKNOWN, None)
    closed = policy("closed", "shop", policyTypes=["Egress"], egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}])
    assert decided(ask(base(closed), "smtp.example.com", 25))[:2] == (
        Verdict.DROPPED,
        Ref("NetworkPolicy", "shop", "closed"),
    )
    some = policy(
        "some",
        "shop",
        policyTypes=["Egress"],
        egress=[{"to": [{"ipBlock": {"cidr": "198.51.100.0/24"}}]}, {"ports": [{"port": 53, "protocol": "UDP"}]}],
    )
    assert decided(ask(base(some), "smtp.example.com", 25))[:2] == (
        Verdict.UNKNOWN,
        Ref("NetworkPolicy", "shop", "some"),
    )
    assert ask(base(some), "203.0.113.1", 25).verdict is Verdict.DROPPED


def test_addresses_of_load_balancers_and_nodes() -> None:
    ports = [{"port": 80, "targetPort": "http", "nodePort": 30080}]
    public = service(
        "api",
        type="LoadBalancer",
        ports=ports,
        status={"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}},
        externalIPs=["203.0.113.8"],
    )
    for host, port in (
        ("203.0.113.7", 80),
        ("203.0.113.8", 80),
        ("192.168.0.1", 30080),
        ("192.168.0.2", 30080),
        ("Node/node-2", 30080),
    ):
        assert ask(base(public), host, port).verdict is Verdict.REACHABLE, host
    assert ask(base(public), "192.168.0.2", 30081).verdict is Verdict.UNKNOWN


def test_host_ports_and_pods_on_the_host() -> None:
    agent = pod("data", "agent", "192.168.0.2", "node-2", {}, [{"containerPort": 9100}], hostNetwork=True)
    mapped = pod("data", "mapped", "10.0.0.9", "node-2", {}, [{"containerPort": 53, "hostPort": 5353}])
    items = base(agent, mapped)
    assert decided(ask(items, "192.168.0.2", 9100)) == (
        Verdict.REACHABLE,
        Ref("Pod", "data", "agent"),
        "spec.containers[main].ports",
    )
    assert decided(ask(items, "192.168.0.2", 5353))[1] == Ref("Pod", "data", "mapped")


def test_a_container_that_does_not_run_refuses() -> None:
    items = base()
    items[5]["status"]["containerStatuses"] = [{"name": "main", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
    answer = ask(items, "10.0.0.2", 8080)
    assert decided(answer) == (Verdict.REFUSED, Ref("Pod", "shop", "api-1"), "status.containerStatuses[main].state")
    assert answer.decides is not None
    assert "CrashLoopBackOff" in answer.decides.what


def test_ports_that_nobody_declares() -> None:
    assert ask(base(), "10.0.0.2", 9999).verdict is Verdict.UNKNOWN
    silent = pod("shop", "silent", "10.0.0.9", "node-2", {})
    answer = ask(base(silent), "10.0.0.9", 9999)
    assert answer.reached
    assert any("none of whose ports are declared" in item for item in answer.assumed)
    probed = pod("shop", "probed", "10.0.0.9", "node-2", {}, HTTP)
    probed["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 9999}}
    assert ask(base(probed), "10.0.0.9", 9999).verdict is Verdict.REACHABLE


def test_selectors_do_not_mean_pods_on_the_host() -> None:
    """Blocks of addresses do. agent runs on another node than api-1."""
    agent = pod("shop", "agent", "192.168.0.2", "node-2", {"app": "agent"}, hostNetwork=True)
    source = Ref("Pod", "shop", "agent")

    def admitting(peer: Object) -> Object:
        chosen = {"matchLabels": {"app": "api"}}
        return policy("some", "shop", podSelector=chosen, policyTypes=["Ingress"], ingress=[{"from": [peer]}])

    for peer in ({"podSelector": {}}, {"namespaceSelector": {}}, {"podSelector": {}, "namespaceSelector": {}}):
        assert ask(base(agent, admitting(peer)), "10.0.0.2", 8080, source=source).verdict is Verdict.DROPPED
    assert ask(base(agent, admitting({"ipBlock": {"cidr": "192.168.0.2/32"}})), "10.0.0.2", 8080, source=source).reached
