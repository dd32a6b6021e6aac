"""Namespace shop: pod web, which asks, and the Services that it asks for."""

from __future__ import annotations

from typing import Any

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict
from seakeep.twin.network.reach import reach
from tests.twin.network.worlds import Object, namespace, network, node, pod

HTTP: list[Object] = [{"name": "http", "containerPort": 8080}]
WEB = Ref("Pod", "shop", "web")
API = Ref("Service", "shop", "api")


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


def unready(name: str, address: str, **more: Any) -> Object:
    return pod("shop", name, address, "node-2", {"app": "slow"}, HTTP, ready=False, **more)


def ask(
    items: list[Object], host: str, port: int = 80, protocol: str = "TCP", source: Ref = WEB, **more: Any
) -> Answer:
    return reach(network(items, **more), source, host, port, protocol)


def decided(answer: Answer) -> tuple[Verdict, Ref | None, str]:
    assert answer.decides is not None
    return answer.verdict, answer.decides.object, answer.decides.field
