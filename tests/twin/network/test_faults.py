"""Faults of the network, between nodes and on them."""

from __future__ import annotations

from typing import Any

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict
from seakeep.twin.network.faults import Faults, seen_faults
from tests.twin.builders import START
from tests.twin.network.shop import ask, base, decided, service
from tests.twin.network.worlds import network, pod


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
