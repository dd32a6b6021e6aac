"""Calls as ways between nodes: where each began, on which nodes its answer lives, and whether anything but the way itself explains that it failed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import node_at, node_of_origin
from seakeep.facts.once import once
from seakeep.facts.policies.network import barriers
from seakeep.facts.policies.policy_rules import Party
from seakeep.facts.probes.probes import resolved
from seakeep.facts.routing.routing import has_ready_endpoint
from seakeep.facts.selection import selected_pods
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Pod, Service
from seakeep.model.refs import Ref

_DNS = (Ref("Service", "kube-system", "kube-dns"), Ref("Service", "kube-system", "coredns"))
_NO_ANSWER = ("timed out", "timeout", "no servers could be reached")


class Way(Struct, frozen=True):
    """`start` is the caller's node ("" where unknown), `ends` the nodes of the pods that would answer; `virtual` tells that the call goes to a Service's virtual address, which kube-proxy must translate.

    `target` is the Service or pod. `lost` and `works` exclude each other; a call that failed for a reason of its own is neither.
    """

    call: Call
    start: str
    ends: frozenset[str]
    target: Ref
    virtual: bool
    lost: bool
    works: bool

    @property
    def crosses(self) -> bool:
        return bool(self.start and self.ends) and self.start not in self.ends


@once
def ways(index: Index) -> tuple[Way, ...]:
    """In the order of the calls."""
    return tuple(way for call in calls(index) for way in [_way(index, call)] if way is not None)


def _way(index: Index, call: Call) -> Way | None:
    start = node_of_origin(index, call.origin)
    if call.probe == "dns":
        return _name_look_up(index, call, start)
    if call.pod is not None:
        target = index.snapshot.get(Pod, call.pod.namespace, call.pod.name)
        if target is None:
            return None
        lost = call.lost and is_ready(target) and not _barred(index, call, target, call.port)
        return Way(call, start, _nodes([target]), target.ref, False, lost, _works(call))
    service = index.snapshot.get(Service, call.service.namespace, call.service.name) if call.service else None
    if service is None:
        return None
    lost = call.lost and has_ready_endpoint(index, service) is not False and _serves(index, call, service)
    virtual = service.spec.cluster_ip != "None" and service.spec.type != "ExternalName"
    return Way(call, start, ends_of(index, service), service.ref, virtual, lost, _works(call))


def _name_look_up(index: Index, call: Call, start: str) -> Way | None:
    service = next((item for ref in _DNS if (item := index.snapshot.get(Service, ref.namespace, ref.name))), None)
    if service is None:
        return None
    silent = call.failed and any(word in call.evidence.value.lower() for word in _NO_ANSWER)
    asked = replace(call, port=53, service=service.ref)
    lost = silent and has_ready_endpoint(index, service) is not False and _serves(index, asked, service)
    return Way(asked, start, ends_of(index, service), service.ref, True, lost, call.outcome == "ok")


def _works(call: Call) -> bool:
    """Something answered: a refusal, an error page and a failed handshake came from the other end."""
    return call.probe != "log" and call.outcome in {"ok", "http-error", "tls-error"}


def ends_of(index: Index, service: Service) -> frozenset[str]:
    """Nodes of the Service's ready endpoints."""
    found = {
        endpoint.node_name
        or _node_of(index, service.namespace, endpoint.target_ref.name if endpoint.target_ref else "")
        or next((node_at(index, ip) or _home(index, ip) for ip in endpoint.addresses), "")
        for item in index.slices_of(service)
        for endpoint in item.endpoints
        if endpoint.conditions.ready is not False
    }
    endpoints = index.endpoints_of(service)
    if not found and endpoints:
        found = {
            address.node_name
            or _node_of(index, service.namespace, address.target_ref.name if address.target_ref else "")
            or _home(index, address.ip)
            for subset in endpoints.subsets
            for address in subset.addresses
        }
    if not found - {""} and service.spec.selector:
        found = set(
            _nodes(pod for pod in selected_pods(index, service.namespace, service.spec.selector) if is_ready(pod))
        )
    return frozenset(found) if "" not in found else frozenset()


def _node_of(index: Index, namespace: str, name: str) -> str:
    pod = index.snapshot.get(Pod, namespace, name)
    return pod.spec.node_name if pod else ""


def _home(index: Index, address: str) -> str:
    pod = index.pod_at(address)
    return pod.spec.node_name if pod else ""


def _nodes(pods: Iterator[Pod] | list[Pod]) -> frozenset[str]:
    return frozenset(pod.spec.node_name for pod in pods if pod.spec.node_name)


def _serves(index: Index, call: Call, service: Service) -> bool:
    """The Service has the port, and no policy stands between the caller and its pods. What was not seen does not count against it."""
    ports = [item for item in service.spec.ports if not call.port or item.port == call.port]
    pods = [pod for pod in selected_pods(index, service.namespace, service.spec.selector) if is_ready(pod)]
    if service.spec.ports and not ports:
        # A headless one leads to any port of its pods.
        declared = {
            item.container_port for pod in pods for container in pod.spec.containers for item in container.ports
        }
        if service.spec.cluster_ip != "None" or (declared and call.port not in declared):
            return False
    wanted = ports[0].target_port or ports[0].port if ports else 0
    return not any(_barred(index, call, pod, _number(pod, wanted)) for pod in pods[:3])


def _number(pod: Pod, port: int | str) -> int:
    return next((number for item in pod.spec.containers if (number := resolved(item, port))), 0)


def _barred(index: Index, call: Call, target: Pod, port: int) -> bool:
    origin = index.snapshot.get(Pod, call.origin.namespace, call.origin.name) if call.origin.kind == "Pod" else None
    return origin is not None and bool(barriers(index, _party(origin), _party(target), port, strict=True))


def _party(pod: Pod) -> Party:
    ports = {port.name: port.container_port for item in pod.spec.containers for port in item.ports if port.name}
    return Party(pod.namespace, pod.labels, pod.status.pod_ip, ports or None, pod.spec.host_network)
