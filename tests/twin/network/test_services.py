"""Names, Services, endpoints and what listens."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict
from seakeep.twin.network.base import Sight
from seakeep.twin.network.faults import Faults, seen_faults
from seakeep.twin.network.reach import reach
from seakeep.twin.network.sources import SourceUnknownError
from tests.twin.builders import START
from tests.twin.network.worlds import Object, namespace, network, node, pod, policy

HTTP: list[Object] = [{"name": "http", "containerPort": 8080}]
WEB = Ref("Pod", "shop", "web")


def service(
    name: str,
    ns: str = "shop",
    *,
    ip: str = "10.96.0.10",
    ports: list[Object] | None = None,
    status: Object | None = None,
    **spec: Any,
) -> Object:
    spec.setdefault("selector", {"app": name})
    ports = [{"port": 80, "targetPort": "http"}] if ports is None else ports
    metadata = {"name": name, "namespace": ns}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"clusterIP": ip, "ports": ports, **spec},
        "status": status or {},
    }


def alias(name: str, to: str, ns: str = "shop") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": ns},
        "spec": {"type": "ExternalName", "externalName": to},
    }


def base(*more: Object, web: Object | None = None) -> list[Object]:
    """Pod web on node-1, two pods of api on node-1 and node-2, none of them behind a policy."""
    return [
        namespace("shop"),
        namespace("data"),
        node("node-1", "192.168.0.1"),
        node("node-2", "192.168.0.2"),
        pod("shop", "web", "10.0.0.1", "node-1", {"app": "web"}, HTTP, **(web or {})),
        pod("shop", "api-1", "10.0.0.2", "node-1", {"app": "api"}, HTTP),
        pod("shop", "api-2", "10.0.0.3", "node-2", {"app": "api"}, HTTP),
        *more,
    ]


def ask(
    items: list[Object], host: str, port: int = 80, protocol: str = "TCP", source: Ref = WEB, **more: Any
) -> Answer:
    return reach(network(items, **more), source, host, port, protocol)


def decided(answer: Answer) -> tuple[Verdict, Ref | None, str]:
    assert answer.decides is not None
    return answer.verdict, answer.decides.object, answer.decides.field


API = Ref("Service", "shop", "api")


@pytest.mark.parametrize(
    "host",
    [
        "api",
        "API",
        "api.shop",
        "api.shop.svc",
        "api.shop.svc.cluster.local",
        "api.shop.svc.cluster.local.",
        "10.96.0.10",
        "Service/shop/api",
    ],
)
def test_names_of_a_service(host: str) -> None:
    answer = ask(base(service("api")), host)
    assert answer.verdict is Verdict.REACHABLE
    assert answer.decides is not None
    assert answer.decides.object == Ref("Pod", "shop", "api-1")


def test_from_another_namespace_the_bare_name_is_none() -> None:
    items = [*base(service("api")), pod("data", "job", "10.0.0.9", "node-2", {})]
    job = Ref("Pod", "data", "job")
    assert ask(items, "api.shop", source=job).reached
    assert decided(ask(items, "api", source=job)) == (
        Verdict.UNRESOLVED,
        Ref("Service", "data", "api"),
        "metadata.name",
    )


def test_a_service_that_is_not_there_is_named() -> None:
    assert decided(ask(base(), "db.data")) == (Verdict.UNRESOLVED, Ref("Service", "data", "db"), "metadata.name")


def test_services_that_were_not_listed_are_unknown_not_absent() -> None:
    listed = frozenset({("Pod", "*"), ("NetworkPolicy", "*")})
    assert ask(base(), "db", sight=Sight(listed=listed, partial=True)).verdict is Verdict.UNKNOWN


def test_policies_that_were_not_listed_are_told() -> None:
    sight = Sight(listed=frozenset({("Pod", "*"), ("Service", "*")}), partial=True)
    answer = ask(base(service("api")), "api", sight=sight)
    assert answer.reached
    assert "namespace shop has no NetworkPolicies but those seen" in answer.assumed


# ports and endpoints


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


def unready(name: str, address: str, **more: Any) -> Object:
    return pod("shop", name, address, "node-2", {"app": "slow"}, HTTP, ready=False, **more)


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


# headless


def test_headless_leads_to_the_pods_themselves() -> None:
    items = base(service("api", ip="None", ports=[]))
    assert ask(items, "api", 8080).reached
    assert ask(items, "api", 9).verdict is Verdict.UNKNOWN
    assert (
        decided(ask(base(service("slow", ip="None"), unready("slow-1", "10.0.0.5")), "slow"))[0] is Verdict.NO_ENDPOINTS
    )


def test_pods_have_names_within_a_headless_service() -> None:
    db = pod("shop", "db-0", "10.0.0.5", "node-2", {"app": "db"}, HTTP, hostname="db-0", subdomain="db")
    items = base(service("db", ip="None"), db)
    for host in ("db-0.db", "db-0.db.shop.svc.cluster.local"):
        assert ask(items, host, 8080).reached
    assert decided(ask(items, "db-1.db", 8080)) == (Verdict.UNRESOLVED, Ref("Service", "shop", "db"), "spec.selector")
    late = unready("db-0", "10.0.0.5", hostname="db-0", subdomain="slow")
    assert decided(ask(base(service("slow", ip="None"), late), "db-0.slow", 8080))[:2] == (
        Verdict.UNRESOLVED,
        Ref("Pod", "shop", "db-0"),
    )


def test_a_stateful_set_names_its_pods() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True}
    db = pod("shop", "db-0", "10.0.0.5", "node-2", {"app": "db"}, HTTP)
    db["metadata"]["ownerReferences"] = [owner]
    stateful = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"serviceName": "db"},
    }
    assert ask(base(service("db", ip="None"), db, stateful), "db-0.db", 8080).reached


def test_pods_by_address_in_dashes() -> None:
    assert ask(base(), "10-0-0-2.shop.pod.cluster.local", 8080).reached


# other names


def test_external_names_follow_one_another() -> None:
    items = base(
        service("api"), alias("one", "two.data.svc.cluster.local"), alias("two", "api.shop.svc.cluster.local.", "data")
    )
    answer = ask(items, "one")
    assert answer.verdict is Verdict.REACHABLE
    assert [step.object for step in answer.path if step.field == "spec.externalName"] == [
        Ref("Service", "shop", "one"),
        Ref("Service", "data", "two"),
    ]


@pytest.mark.parametrize(
    "target", ["one.shop.svc.cluster.local", "nothing.shop.svc.cluster.local", "api.shop", "api", "10.0.0.2", ""]
)
def test_external_names_that_lead_nowhere(target: str) -> None:
    items = base(service("api"), alias("one", target))
    assert decided(ask(items, "one")) == (Verdict.UNRESOLVED, Ref("Service", "shop", "one"), "spec.externalName")


def test_external_names_that_go_round() -> None:
    items = base(alias("one", "two.shop.svc.cluster.local"), alias("two", "one.shop.svc.cluster.local"))
    answer = ask(items, "one")
    assert answer.verdict is Verdict.UNRESOLVED
    assert answer.decides is not None
    assert "shop/one → shop/two → shop/one" in answer.decides.what


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


# resolvers


def test_default_dns_knows_no_services() -> None:
    items = base(service("api"), web={"dnsPolicy": "Default"})
    assert decided(ask(items, "api")) == (Verdict.UNRESOLVED, WEB, "spec.dnsPolicy")
    assert ask(items, "10.96.0.10").reached
    assert ask(items, "example.com").verdict is Verdict.UNKNOWN


def test_host_network_needs_its_own_dns_policy() -> None:
    assert decided(ask(base(service("api"), web={"hostNetwork": True}), "api"))[2] == "spec.hostNetwork"
    assert ask(base(service("api"), web={"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}), "api").reached


DNS_PODS = {"k8s-app": "kube-dns"}
DNS_PORTS = [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]


def dns(*, ready: bool = True) -> list[Object]:
    ports = [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns"}]
    return [
        namespace("kube-system"),
        service("kube-dns", "kube-system", ip="10.96.0.2", ports=ports, selector=DNS_PODS),
        pod("kube-system", "coredns-1", "10.0.9.1", "node-2", DNS_PODS, DNS_PORTS, ready=ready),
    ]


def test_own_resolver_settings() -> None:
    def settings(server: str, *searches: str, ndots: str = "") -> Object:
        options = [{"name": "ndots", "value": ndots}] if ndots else []
        return {
            "dnsPolicy": "None",
            "dnsConfig": {"nameservers": [server], "searches": list(searches), "options": options},
        }

    def asked(web: Object, host: str) -> Answer:
        return ask([*base(service("api"), web=web), *dns()], host)

    own = "shop.svc.cluster.local"
    assert asked(settings("10.96.0.2", own), "api").reached
    assert asked(settings("10.0.9.1", own), "api").reached
    assert asked(settings("10.96.0.2"), "api.shop.svc.cluster.local").reached
    assert decided(asked(settings("10.96.0.2"), "api"))[:2] == (Verdict.UNRESOLVED, WEB)
    assert decided(asked(settings("8.8.8.8", own), "api")) == (Verdict.UNRESOLVED, WEB, "spec.dnsConfig.nameservers")
    # With few dots needed the full name is asked for first; the search list comes after.
    assert asked(settings("10.96.0.2", "svc.cluster.local", ndots="1"), "api.shop").reached


def test_search_list_by_dots() -> None:
    from seakeep.twin.network.dns import Resolver, candidates

    few = Resolver(True, "", ("one.test", "two.test"), 2, "")
    assert candidates("a", few) == ("a.one.test", "a.two.test", "a")
    assert candidates("a.b.c", few) == ("a.b.c", "a.b.c.one.test", "a.b.c.two.test")
    assert candidates("a.", few) == ("a",)


def test_names_need_the_dns_server() -> None:
    assert ask([*base(service("api")), *dns()], "api").assumed == ()
    answer = ask([*base(service("api")), *dns(ready=False)], "api")
    assert decided(answer) == (Verdict.UNRESOLVED, Ref("Pod", "kube-system", "coredns-1"), "status.conditions[Ready]")
    assert ask([*base(service("api")), *dns(ready=False)], "10.96.0.10").reached


def test_names_need_egress_to_port_53() -> None:
    closed = policy(
        "closed",
        "shop",
        podSelector={"matchLabels": {"app": "web"}},
        policyTypes=["Egress"],
        egress=[{"to": [{"podSelector": {}}]}],
    )
    items = [*base(service("api"), closed), *dns()]
    assert decided(ask(items, "api"))[:2] == (Verdict.UNRESOLVED, Ref("NetworkPolicy", "shop", "closed"))
    assert ask(items, "10.96.0.10").reached
    tcp = {"ports": [{"port": 53, "protocol": "TCP"}]}
    closed["spec"]["egress"].append(tcp)
    assert ask(items, "api").verdict is Verdict.UNRESOLVED
    tcp["ports"][0]["protocol"] = "UDP"
    assert ask(items, "api").reached


def test_names_that_the_kubelet_writes() -> None:
    web = {"hostAliases": [{"ip": "10.0.0.2", "hostnames": ["legacy"]}]}
    assert ask(base(web=web), "legacy", 8080).reached
    assert ask(base(), "localhost", 8080).reached
    assert ask(base(), "127.0.0.1", 8080).reached
    assert ask(base(), "web", 8080).reached


# what listens


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


# faults


def test_faults_between_and_on_nodes() -> None:
    items = base(service("api"))

    def with_faults(host: str = "api", port: int = 80, **faults: Any) -> Answer:
        return ask(items, host, port, faults=Faults(**{key: frozenset(value) for key, value in faults.items()}))

    assert decided(with_faults(pairs=[("node-2", "node-1")]))[:2] == (Verdict.PARTLY, Ref("Node", "", "node-2"))
    assert decided(with_faults("10.0.0.3", 8080, pairs=[("node-1", "node-2")]))[0] is Verdict.DROPPED
    assert with_faults("10.0.0.2", 8080, pairs=[("node-1", "node-2")]).verdict is Verdict.REACHABLE
    assert decided(with_faults("10.0.0.3", 8080, lost=["node-2"])) == (
        Verdict.DROPPED,
        Ref("Node", "", "node-2"),
        "fault: lost",
    )
    assert decided(with_faults(lost=["node-1"]))[0] is Verdict.DROPPED
    assert decided(with_faults(no_proxy=["node-1"])) == (
        Verdict.DROPPED,
        Ref("Node", "", "node-1"),
        "fault: kube-proxy down",
    )
    assert with_faults("10.0.0.3", 8080, no_proxy=["node-1"]).reached
    assert with_faults(no_proxy=["node-2"]).verdict is Verdict.REACHABLE
    assert decided(with_faults("10.0.0.3", 8080, no_cni=["node-2"]))[2] == "fault: CNI down"


def test_pods_on_the_host_do_without_the_pod_network() -> None:
    agent = pod("data", "agent", "192.168.0.2", "node-2", {}, [{"containerPort": 9100}], hostNetwork=True)
    items = base(agent, web={"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"})
    items[4]["status"]["podIP"] = "192.168.0.1"
    broken = Faults(no_cni=frozenset({"node-1", "node-2"}))
    assert ask(items, "192.168.0.2", 9100, faults=broken).reached
    assert ask(items, "10.0.0.3", 8080, faults=broken).verdict is Verdict.DROPPED


def test_faults_that_the_state_shows() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "kube-proxy", "controller": True}
    proxies = [
        pod(
            "kube-system",
            f"kube-proxy-{number}",
            f"192.168.0.{number}",
            f"node-{number}",
            {},
            hostNetwork=True,
            ready=number == 1,
        )
        for number in (1, 2)
    ]
    for item in proxies:
        item["metadata"]["ownerReferences"] = [owner]
    daemon = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "namespace": "kube-system"},
    }
    items = base(daemon, *proxies)
    items[3]["status"]["conditions"].append({"type": "NetworkUnavailable", "status": "True"})
    state = network(items).state
    state.silent = {"node-1": START}
    assert seen_faults(state) == Faults(
        lost=frozenset({"node-1"}), no_proxy=frozenset({"node-2"}), no_cni=frozenset({"node-2"})
    )


# sources


def deployment(name: str, labels: Object) -> Object:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": template},
    }


def test_a_workload_asks_from_each_of_its_pods() -> None:
    def owned(kind: str, name: str) -> list[Object]:
        return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True}]

    replica = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "front-1", "namespace": "shop", "ownerReferences": owned("Deployment", "front")},
    }
    pods = [
        pod("shop", f"front-1-{number}", f"10.0.1.{number}", f"node-{number}", {"app": "front"}) for number in (1, 2)
    ]
    for item in pods:
        item["metadata"]["ownerReferences"] = owned("ReplicaSet", "front-1")
    items = base(deployment("front", {"app": "front"}), replica, *pods)
    source = Ref("Deployment", "shop", "front")
    assert ask(items, "10.0.0.3", 8080, source=source).verdict is Verdict.REACHABLE
    answer = ask(items, "10.0.0.3", 8080, source=source, faults=Faults(pairs=frozenset({("node-1", "node-2")})))
    assert answer.verdict is Verdict.PARTLY
    assert answer.path[0].what == "1 of 2 pods are reached: the first that is not"


def test_a_workload_without_pods_asks_by_its_template() -> None:
    guard = policy("guard", "shop", podSelector={"matchLabels": {"app": "front"}}, policyTypes=["Egress"])
    answer = ask(
        base(deployment("front", {"app": "front"}), guard), "10.0.0.3", 8080, source=Ref("Deployment", "shop", "front")
    )
    assert decided(answer)[:2] == (Verdict.DROPPED, Ref("NetworkPolicy", "shop", "guard"))
    assert answer.assumed == ("there is no such pod yet: judged by the template",)


@pytest.mark.parametrize(
    "source", [Ref("Pod", "shop", "nobody"), Ref("Service", "shop", "api"), Ref("Node", "", "nowhere")]
)
def test_sources_that_cannot_ask(source: Ref) -> None:
    with pytest.raises(SourceUnknownError, match=source.name):
        ask(base(service("api")), "api", source=source)


# what was not seen


def test_labels_that_a_table_does_not_show() -> None:
    guard = policy(
        "guard",
        "shop",
        podSelector={"matchLabels": {"app": "api"}},
        policyTypes=["Ingress"],
        ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}],
    )
    items = base(guard)
    assert ask(items, "10.0.0.2", 8080).reached
    items[4]["metadata"]["labels"] = {}
    assert ask(items, "10.0.0.2", 8080).verdict is Verdict.DROPPED
    answer = ask(items, "10.0.0.2", 8080, sight=Sight(shallow=frozenset({WEB})))
    assert decided(answer)[:2] == (Verdict.UNKNOWN, Ref("NetworkPolicy", "shop", "guard"))


def test_rules_that_a_table_does_not_show() -> None:
    bare = policy("bare", "shop")
    ref = Ref("NetworkPolicy", "shop", "bare")
    assert ask(base(bare), "10.0.0.2", 8080).verdict is Verdict.DROPPED
    assert decided(ask(base(bare), "10.0.0.2", 8080, sight=Sight(shallow=frozenset({ref})))) == (
        Verdict.UNKNOWN,
        ref,
        "spec",
    )


def test_only_headless_services_have_names_within_them() -> None:
    named = pod("shop", "api-3", "10.0.0.5", "node-2", {"app": "api"}, HTTP, hostname="api-3", subdomain="api")
    assert ask(base(service("api"), named), "api-3.api", 8080).verdict is Verdict.UNRESOLVED
    other = pod("shop", "api-3", "10.0.0.5", "node-2", {"app": "api"}, HTTP, hostname="api-3", subdomain="elsewhere")
    assert ask(base(service("api", ip="None"), other), "api-3.api", 8080).verdict is Verdict.UNRESOLVED


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


def test_a_namespace_is_labelled_with_its_name_by_the_api_server() -> None:
    chosen = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
    only = policy("only", "shop", policyTypes=["Ingress"], ingress=[{"from": [{"namespaceSelector": chosen}]}])
    items = base(only)
    items[0]["metadata"]["labels"] = {}
    assert ask(items, "10.0.0.2", 8080).reached
    assert ask(items[1:], "10.0.0.2", 8080).reached  # also where the namespace itself was not seen


def test_what_a_policy_admits_that_may_not_select_the_pod() -> None:
    """api-1's labels were not seen: whether the second policy is for it decides."""
    closed = policy("closed", "shop", policyTypes=["Ingress"])
    opened = policy("opened", "shop", podSelector={"matchLabels": {"app": "api"}}, ingress=[{}])
    items, sight = base(closed, opened), Sight(shallow=frozenset({Ref("Pod", "shop", "api-1")}))
    assert ask(items, "10.0.0.2", 8080, sight=sight).reached
    items[5]["metadata"]["labels"] = {}
    assert ask(items, "10.0.0.2", 8080).verdict is Verdict.DROPPED
    assert decided(ask(items, "10.0.0.2", 8080, sight=sight))[:2] == (
        Verdict.UNKNOWN,
        Ref("NetworkPolicy", "shop", "opened"),
    )


def test_pods_that_have_ended_do_not_ask() -> None:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "load", "controller": True}
    job: Object = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "load", "namespace": "shop"}}
    pods = [pod("shop", f"load-{number}", f"10.0.1.{number}", f"node-{number}", {}) for number in (1, 2)]
    for item in pods:
        item["metadata"]["ownerReferences"] = [owner]
    pods[0]["status"]["phase"] = "Failed"
    faults = Faults(lost=frozenset({"node-1"}))
    source = Ref("Job", "shop", "load")
    assert ask(base(job, *pods), "10.0.0.3", 8080, source=source, faults=faults).verdict is Verdict.REACHABLE
