"""What a Service reaches of a pod: address, conditions and ports. Source: endpointslice `podToEndpoint`, `getEndpointPorts`, `FindPort`, `ShouldPodBeInEndpoints`."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended, is_sidecar
from seakeep.model.objects import Node, Pod, Service, ServicePort
from seakeep.model.objects.network import Endpoint, EndpointConditions, EndpointPort, ServiceSpec, TargetRef
from seakeep.model.objects.pods import PodSpec
from seakeep.model.refs import Ref
from seakeep.twin.memo import by_identities
from seakeep.twin.state import State

Ports = tuple[EndpointPort, ...]
# What tells one endpoint from another.
Key = tuple[tuple[str, ...], str, TargetRef | None]
Groups = dict[Ports, dict[Key, Endpoint]]
_ZONE = "topology.kubernetes.io/zone"


def family(service: Service) -> str:
    """Address type of the Service's slices; a second family is not followed."""
    return "IPv6" if ":" in service.spec.cluster_ip else "IPv4"


def desired(state: State, service: Service, address_type: str, pods: Iterable[Pod]) -> tuple[Groups, list[str]]:
    """Endpoints by the ports that they share, in the order of the pods; and the pods that have ended and are not to go."""
    found: Groups = {}
    ended: list[str] = []
    spec, name = service.spec, service.metadata.name
    unready_too = spec.publish_not_ready_addresses
    for pod in pods:
        if is_ended(pod):
            if pod.metadata.deletion_timestamp is None:
                ended.append(pod.metadata.name)
            continue
        address, about = pod.status.pod_ip, pod.spec
        if not address and not serves(pod):
            continue  # that of a ready pod may just not have been shown
        group = found.setdefault(ports_of(spec, about), {})
        node = state.get(Node, "", about.node_name)
        if node is None and not unready_too and state.is_absent(Ref("Node", "", about.node_name)):
            continue
        if not address or (":" in address) == (address_type == "IPv6"):
            key, each = _ordinary(pod, node)
            group[key] = _own(service, pod, each) if unready_too or about.subdomain == name else each
    return found, ended


def key_of(item: Endpoint) -> Key:
    return item.addresses, item.node_name, item.target_ref


def serves(pod: Pod) -> bool:
    """Ready, whether it is ending or not."""
    status = pod.status
    for item in status.conditions:
        if item.type == "Ready":
            if item.status:
                return item.status == "True"
            break
    statuses = status.container_statuses
    return status.phase == "Running" and bool(statuses) and all(item.ready for item in statuses)


def _own(service: Service, pod: Pod, found: Endpoint) -> Endpoint:
    """As this Service has it: with the hostname of a pod of its subdomain (`ShouldSetHostname`), or ready though the pod is not."""
    spec, conditions = pod.spec, found.conditions
    hostname = spec.hostname if spec.hostname and spec.subdomain == service.metadata.name else ""
    unready_too = service.spec.publish_not_ready_addresses and not conditions.ready
    if not hostname and not unready_too:
        return found
    conditions = replace(conditions, ready=True) if unready_too else conditions
    return replace(found, conditions=conditions, hostname=hostname)


@by_identities
def _ordinary(pod: Pod, node: Node | None) -> tuple[Key, Endpoint]:
    """As any Service has it: most pods have not changed since their Service was last looked at."""
    serving, metadata, address = serves(pod), pod.metadata, pod.status.pod_ip
    ending = metadata.deletion_timestamp is not None
    made = Endpoint(
        addresses=(address,) if address else (),
        conditions=EndpointConditions(ready=serving and not ending, serving=serving, terminating=ending),
        target_ref=TargetRef(kind="Pod", namespace=metadata.namespace, name=metadata.name),
        node_name=pod.spec.node_name,
        zone=node.metadata.labels.get(_ZONE, "") if node is not None else "",
    )
    return key_of(made), made


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
