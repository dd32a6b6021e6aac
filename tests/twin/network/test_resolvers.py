"""Which names a pod's resolver knows, and what it needs for it."""

from __future__ import annotations

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict
from tests.twin.network.shop import WEB, ask, base, decided, service
from tests.twin.network.worlds import Object, namespace, pod, policy

DNS_PODS = {"k8s-app": "kube-dns"}
DNS_PORTS = [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]


def dns(*, ready: bool = True) -> list[Object]:
    ports = [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns"}]
    return [
        namespace("kube-system"),
        service("kube-dns", "kube-system", ip="10.96.0.2", ports=ports, selector=DNS_PODS),
        pod("kube-system", "coredns-1", "10.0.9.1", "node-2", DNS_PODS, DNS_PORTS, ready=ready),
    ]


def test_default_dns_knows_no_services() -> None:
    items = base(service("api"), web={"dnsPolicy": "Default"})
    assert decided(ask(items, "api")) == (Verdict.UNRESOLVED, WEB, "spec.dnsPolicy")
    assert ask(items, "10.96.0.10").reached
    assert ask(items, "example.com").verdict is Verdict.UNKNOWN


def test_host_network_needs_its_own_dns_policy() -> None:
    assert decided(ask(base(service("api"), web={"hostNetwork": True}), "api"))[2] == "spec.hostNetwork"
    assert ask(base(service("api"), web={"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}), "api").reached


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
