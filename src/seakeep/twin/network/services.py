"""Where a Service's port leads: its endpoints, as the EndpointSlice controller makes them and kube-proxy chooses among them.

`k8s.io/endpointslice` (podToEndpoint, FindPort), `pkg/proxy/topology.go` (CategorizeEndpoints). Endpoints of a Service with a selector are worked out from the pods, so that they hold also where no controller has
written them yet; those of one without are read from its EndpointSlices, or else its Endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seakeep.facts.workloads.podstate import condition, is_ended, is_ready, is_sidecar
from seakeep.model.objects import Endpoints, EndpointSlice, Pod, Service, ServicePort, StatefulSet
from seakeep.model.refs import Ref
from seakeep.twin.labels import from_map
from seakeep.twin.network.answer import Answer, Verdict, stopped
from seakeep.twin.network.base import Network
from seakeep.twin.state import controller_of

_SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint: `pod` where it is one; `port` 0 where the Service does not say (headless). `hostname` is its own name within a headless Service."""

    address: str
    port: int
    pod: Pod | None
    node: str
    ready: bool
    serving: bool = True
    terminating: bool = False
    hostname: str = ""


def is_headless(service: Service) -> bool:
    return service.spec.cluster_ip == "None"


def port_of(service: Service, number: int, protocol: str) -> tuple[int, ServicePort] | None:
    """The Service's port with this number, and its position."""
    return next(
        (
            (position, item)
            for position, item in enumerate(service.spec.ports)
            if item.port == number and item.protocol == protocol
        ),
        None,
    )


def places(network: Network, service: Service, port: ServicePort | None) -> tuple[Place, ...]:
    """All endpoints, ready or not. `port` None: of a headless Service, whose names lead to the pods themselves."""
    found = tuple(_of_selector(network, service, port)) if service.spec.selector else ()
    if not found and (not service.spec.selector or not network.sight.lists("Pod", service.namespace)):
        found = tuple(_written(network, service, port))
    return found


def picked(network: Network, service: Service) -> tuple[Pod, ...]:
    """The pods that the selector matches and that have not ended."""
    if not service.spec.selector:
        return ()
    pods = network.state.pods_picked(service.namespace, from_map(service.spec.selector))
    return tuple(pod for pod in pods if not is_ended(pod))


def _of_selector(network: Network, service: Service, port: ServicePort | None) -> Iterator[Place]:
    for pod in picked(network, service):
        serving, terminating = is_serving(pod), pod.metadata.deletion_timestamp is not None
        if not (pod.status.pod_ip or serving):
            continue  # the controller leaves pods without an address out; a table may not show that of one that is ready
        number = target_number(pod, port) if port else 0
        if number is None:
            continue
        ready = service.spec.publish_not_ready_addresses or (serving and not terminating)
        name = hostname_of(network, pod, service)
        yield Place(pod.status.pod_ip, number, pod, pod.spec.node_name, ready, serving, terminating, name)


def is_serving(pod: Pod) -> bool:
    """Ready as its probes say, also while it is terminating."""
    if pod.metadata.deletion_timestamp is None:
        return is_ready(pod)
    return condition(pod, "Ready") == "True"


def target_number(pod: Pod, port: ServicePort) -> int | None:
    """A named target port is looked up in the containers, then in the sidecars, with the Service's protocol; None where it is not found."""
    target = port.port if port.target_port is None else port.target_port
    if isinstance(target, int) or (target.isdigit() and target.isascii()):
        return int(target) or port.port
    sidecars = (item for item in pod.spec.init_containers if is_sidecar(item))
    return next(
        (
            item.container_port
            for container in (*pod.spec.containers, *sidecars)
            for item in container.ports
            if item.name == target and item.protocol == port.protocol
        ),
        None,
    )


def hostname_of(network: Network, pod: Pod, service: Service) -> str:
    """`spec.hostname` of a pod whose subdomain is the Service; a StatefulSet gives its pods both."""
    if pod.spec.hostname and pod.spec.subdomain == service.name:
        return pod.spec.hostname
    owner = controller_of(pod)
    if pod.spec.subdomain or owner is None or owner.kind != "StatefulSet":
        return ""
    item = network.state.get(StatefulSet, owner.namespace, owner.name)
    return pod.name if item is not None and item.spec.service_name == service.name else ""


def _written(network: Network, service: Service, port: ServicePort | None) -> Iterator[Place]:
    slices = tuple(network.state.labelled(EndpointSlice, service.namespace, from_map({_SERVICE_NAME: service.name})))
    for item in slices:
        number = next((each.port for each in item.ports if port and each.name == port.name), 0)
        if port and not number:
            continue
        for endpoint in item.endpoints:
            pod = (
                _pod(network, endpoint.target_ref.namespace, endpoint.target_ref.name) if endpoint.target_ref else None
            )
            state = endpoint.conditions
            for address in endpoint.addresses[:1]:  # more have no defined meaning
                yield Place(
                    address,
                    number,
                    pod or network.pods_at.get(address),
                    endpoint.node_name,
                    state.ready is not False,
                    state.serving if state.serving is not None else state.ready is not False,
                    bool(state.terminating),
                    endpoint.hostname,
                )
    endpoints = network.state.get(Endpoints, service.namespace, service.name)
    if slices or endpoints is None:
        return
    for subset in endpoints.subsets:
        number = next((each.port for each in subset.ports if port and each.name == port.name), 0)
        if port and not number:
            continue
        for ready, group in ((True, subset.addresses), (False, subset.not_ready_addresses)):
            for entry in group:
                pod = _pod(network, service.namespace, entry.target_ref.name) if entry.target_ref else None
                pod = pod or network.pods_at.get(entry.ip)
                yield Place(entry.ip, number, pod, entry.node_name, ready, ready, hostname=entry.hostname)


def _pod(network: Network, namespace: str, name: str) -> Pod | None:
    return network.state.get(Pod, namespace, name)


def usable(found: tuple[Place, ...]) -> tuple[Place, ...]:
    """The ready ones; where there are none, those that still serve while they terminate."""
    ready = tuple(item for item in found if item.ready)
    return ready or tuple(item for item in found if item.serving and item.terminating)


def chosen(
    network: Network, service: Service, number: int, protocol: str, node: str, *, local: bool | None = None
) -> tuple[Place, ...] | Answer:
    """Where kube-proxy on `node` sends a connection to a port of the Service; an Answer where it sends it nowhere. `local` None: by internalTrafficPolicy."""
    port = port_of(service, number, protocol)
    if port is None:
        return _no_port(service, number, protocol)
    found = places(network, service, port[1])
    usables = usable(found)
    if not usables:
        return no_endpoints(network, service, found, port)
    by_policy = service.spec.internal_traffic_policy == "Local"
    if by_policy if local is None else local:
        near = usable(tuple(item for item in found if item.node == node))
        if not near:
            field = "spec.internalTrafficPolicy" if local is None else "spec.externalTrafficPolicy"
            told = f"Local: none of the {len(usables)} endpoints is on node {node or '(none)'}"
            return stopped(Verdict.NO_ENDPOINTS, service.ref, field, told)
        usables = near
    return usables


def _no_port(service: Service, number: int, protocol: str) -> Answer:
    """What kube-proxy has no rule for goes to no end, and gets no answer."""
    others = ", ".join(f"{item.port}/{item.protocol}" for item in service.spec.ports) or "none"
    told = f"Service {service.name} has no port {number}/{protocol} (it has {others})"
    return stopped(Verdict.DROPPED, service.ref, "spec.ports", told)


def no_endpoints(
    network: Network, service: Service, found: tuple[Place, ...], port: tuple[int, ServicePort] | None
) -> Answer:
    """Why nobody is behind the Service. kube-proxy refuses such connections."""
    name, unseen = f"Service {service.name}", not network.sight.lists("Pod", service.namespace)
    if not service.spec.selector:
        if found:
            return stopped(Verdict.NO_ENDPOINTS, service.ref, "", f"no endpoint of {name} is ready")
        where = Ref("Endpoints", service.namespace, service.name)
        seen = network.sight.lists("Endpoints", service.namespace) or network.sight.lists(
            "EndpointSlice", service.namespace
        )
        told = f"{name} has no selector, and no endpoints were written for its ports"
        return stopped(Verdict.NO_ENDPOINTS if seen else Verdict.UNKNOWN, where, "subsets", told)
    pods = picked(network, service)
    labels = ",".join(f"{key}={value}" for key, value in sorted(service.spec.selector.items()))
    if not pods:
        told = f"no pod matches the selector of {name} ({labels})"
        return stopped(Verdict.UNKNOWN if unseen else Verdict.NO_ENDPOINTS, service.ref, "spec.selector", told)
    if port and all(target_number(pod, port[1]) is None for pod in pods):
        position, item = port
        told = f"no container of the pods of {name} names a port {item.target_port}/{item.protocol}"
        return stopped(Verdict.NO_ENDPOINTS, service.ref, f"spec.ports[{position}].targetPort", told)
    pod = pods[0]
    told = f"none of the {len(pods)} pods of {name} is ready"
    return stopped(Verdict.NO_ENDPOINTS, pod.ref, "status.conditions[Ready]", told, (service.ref,))


def headless(network: Network, service: Service, hostname: str = "") -> tuple[Place, ...] | Answer:
    """The addresses behind a headless Service's name, or behind one pod's name within it."""
    found = places(network, service, None)
    ready = tuple(item for item in found if item.ready)
    if hostname:
        wanted = hostname.lower()
        named = tuple(item for item in found if (item.hostname or item.address.replace(".", "-")) == wanted)
        here = tuple(item for item in named if item.ready)
        if named and not here:
            told = f"pod {hostname} is not ready, and Service {service.name} does not publish addresses before"
            ref = named[0].pod.ref if named[0].pod else service.ref
            return stopped(Verdict.UNRESOLVED, ref, "status.conditions[Ready]", told, (service.ref,))
        if not here:
            told = f"no endpoint of Service {service.name} is called {hostname}"
            verdict = Verdict.UNRESOLVED if network.sight.lists("Pod", service.namespace) else Verdict.UNKNOWN
            return stopped(verdict, service.ref, "spec.selector", told)
        return here
    if not ready:
        return no_endpoints(network, service, found, None)
    return ready
