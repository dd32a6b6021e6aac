"""Namespaces x, y and z with pods a, b and c in each, which listen on ports 80 and 81 with every protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict
from seakeep.twin.network.base import Network
from seakeep.twin.network.reach import reach
from seakeep.twin.state import State
from tests.twin.builders import snapshot

Object = dict[str, Any]
PROTOCOLS = ("TCP", "UDP", "SCTP")
PORTS = (80, 81)
NODES = {"a": "node-1", "b": "node-2", "c": "node-3"}


class Who(NamedTuple):
    ns: str
    pod: str

    def __str__(self) -> str:
        return f"{self.ns}/{self.pod}"

    @property
    def address(self) -> str:
        return f"10.0.{'xyz'.index(self.ns) + 1}.{'abc'.index(self.pod) + 1}"


EVERYONE = tuple(Who(ns, pod) for ns in "xyz" for pod in "abc")


def namespace(name: str, **labels: str) -> Object:
    metadata = {"name": name, "labels": {"kubernetes.io/metadata.name": name, **labels}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def node(name: str, address: str, **labels: str) -> Object:
    status = {
        "addresses": [{"type": "InternalIP", "address": address}],
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "status": status}


def pod(
    namespace: str, name: str, address: str, on: str, labels: Object, ports: list[Object] | None = None, **more: Any
) -> Object:
    """`more` goes into the spec; `ready` False for a pod that is not."""
    ready = more.pop("ready", True)
    containers = [{"name": "main", "image": "example/app:1", "ports": ports or []}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"nodeName": on, "containers": containers, **more},
        "status": {
            "phase": "Running",
            "podIP": address,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [{"name": "main", "ready": ready, "state": {"running": {}}}],
        },
    }


def listening() -> list[Object]:
    return [
        {"name": f"p{port}-{protocol.lower()}", "containerPort": port, "protocol": protocol}
        for port in PORTS
        for protocol in PROTOCOLS
    ]


def objects() -> list[Object]:
    """Namespaces are labelled `ns`, pods `pod`."""
    spaces = [namespace(name, ns=name) for name in "xyz"]
    nodes = [node(name, f"192.168.0.{number}") for number, name in enumerate(NODES.values(), start=1)]
    pods = [pod(who.ns, who.pod, who.address, NODES[who.pod], {"pod": who.pod}, listening()) for who in EVERYONE]
    return [*spaces, *nodes, *pods]


def network(items: Iterable[Object], **more: Any) -> Network:
    return Network(State(snapshot(items).objects), **more)


def ask(world: Network, source: Who, target: Who, port: int, protocol: str = "TCP") -> Answer:
    return reach(world, Ref("Pod", source.ns, source.pod), target.address, port, protocol)


def policy(name: str, ns: str, **spec: Any) -> Object:
    spec.setdefault("podSelector", {})
    metadata = {"name": name, "namespace": ns}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def pods_of(items: list[Object]) -> list[Object]:
    return [item for item in items if item["kind"] == "Pod"]


def ref(pod: Object) -> Ref:
    return Ref("Pod", pod["metadata"]["namespace"], pod["metadata"]["name"])


def barred(world: Network, source: Object, target: Object, port: int, protocol: str) -> Ref | None:
    """The policy that bars the way. Whether something listens is another question."""
    to = ref(target)
    answer = reach(world, ref(source), f"Pod/{to.namespace}/{to.name}", port, protocol)
    if answer.verdict is Verdict.DROPPED:
        assert answer.decides is not None
        assert answer.decides.object is not None
        assert answer.decides.object.kind == "NetworkPolicy"
        return answer.decides.object
    assert answer.verdict in {Verdict.REACHABLE, Verdict.UNKNOWN}
    if answer.verdict is Verdict.UNKNOWN:
        assert answer.decides is not None
        assert answer.decides.field == "spec.containers[*].ports"
    return None
