"""What a Service reaches of a pod: address, conditions and ports. Source: endpointslice `podToEndpoint`, `getEndpointPorts`, `FindPort`, `ShouldPodBeInEndpoints`."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_ended, is_sidecar
from seakeep.model.objects import Node, Pod, Service, ServicePort
from seakeep.model.objects.network import Endpoint, EndpointConditions, EndpointPort, ServiceSpec, TargetRef
from seakeep.model.objects.pods import PodSpec
from seakeep.model.refs import Ref
from seakeep.twin.memo import by_identities
from seakeep.twin.state import State

Ports = tuple[EndpointPort, ...]
_ZONE = "topology.kubernetes.io/zone"


def family(service: Service) -> str:
    """Address type of the Service's slices; a second family is not followed."""
    return "IPv6" if ":" in service.spec.cluster_ip else "IPv4"


def desired(state: State, service: Service, pods: Iterable[Pod]) -> dict[Ports, list[Endpoint]]:
    """Endpoints by the ports that they share, in the order of the pods."""
    found: dict[Ports, list[Endpoint]] = {}
    spec, address_type = service.spec, family(service)
    for pod in pods:
        if not belongs(pod):
            continue
        name = pod.spec.node_name
        group = found.setdefault(ports_of(spec, pod.spec), [])
        node = state.get(Node, "", name)
        missing = node is None and state.is_absent(Ref("Node", "", name))
        if not (missing and not spec.publish_not_ready_addresses) and _fits(pod, address_type):
            group.append(endpoint(service, pod, node))
    return found


def belongs(pod: Pod) -> bool:
    """It has not ended, and has an address; that of a ready pod may just not have been shown."""
    return not is_ended(pod) and (bool(pod.status.pod_ip) or serves(pod))


def _fits(pod: Pod, address_type: str) -> bool:
    address = pod.status.pod_ip
    return not address or (":" in address) == (address_type == "IPv6")


def serves(pod: Pod) -> bool:
    """Ready, whether it is ending or not."""
    known = condition(pod, "Ready")
    if known:
        return known == "True"
    statuses = pod.status.container_statuses
    return pod.status.phase == "Running" and bool(statuses) and all(item.ready for item in statuses)


def endpoint(service: Service, pod: Pod, node: Node | None) -> Endpoint:
    found = _ordinary(pod, node)
    # ShouldSetHostname
    spec = pod.spec
    hostname = spec.hostname if spec.hostname and spec.subdomain == service.metadata.name else ""
    unready_too = service.spec.publish_not_ready_addresses and not found.conditions.ready
    if not hostname and not unready_too:
        return found
    conditions = replace(found.conditions, ready=True) if unready_too else found.conditions
    return replace(found, conditions=conditions, hostname=hostname)


@by_identities
def _ordinary(pod: Pod, node: Node | None) -> Endpoint:
    """As any Service has it: most pods have not changed since their Service was last looked at."""
    serving, ending = serves(pod), pod.metadata.deletion_timestamp is not None
    return Endpoint(
        addresses=(pod.status.pod_ip,) if pod.status.pod_ip else (),
        conditions=EndpointConditions(ready=serving and not ending, serving=serving, terminating=ending),
        target_ref=TargetRef(kind="Pod", namespace=pod.namespace, name=pod.name),
        node_name=pod.spec.node_name,
        zone=node.labels.get(_ZONE, "") if node is not None else "",
    )


@by_identities
def ports_of(service: ServiceSpec, pod: PodSpec) -> Ports:
    """A named target that the pod does not have is left out; sorted, so that equal ports are one group."""
    found = []
    for port in service.ports:
        number = _number(port, pod)
        if number is not None:
            found.append(
                EndpointPort(name=port.name, port=number, protocol=port.protocol, app_protocol=port.app_protocol)
            )
    return tuple(sorted(found, key=port_key))


def port_key(port: EndpointPort) -> tuple[object, ...]:
    return port.name, port.port, port.protocol, port.app_protocol


def _number(port: ServicePort, pod: PodSpec) -> int | None:
    if not isinstance(port.target_port, str):
        return port.target_port or port.port
    for container in (*pod.containers, *(item for item in pod.init_containers if is_sidecar(item))):
        for each in container.ports:
            if each.name == port.target_port and each.protocol == port.protocol:
                return each.container_port
    return None
