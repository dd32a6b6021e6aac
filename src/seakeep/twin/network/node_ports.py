"""What is behind a port of a node: a NodePort, a pod on the host's network, a host port."""

from __future__ import annotations

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Node, Service
from seakeep.model.refs import Ref
from seakeep.twin.network import reach, services
from seakeep.twin.network.answer import Answer, Step, Verdict, stopped, together
from seakeep.twin.network.base import End
from seakeep.twin.network.listening import listens


def behind(connection: reach.Connection, node: Node, end: End, port: int) -> Answer:
    network, protocol = connection.network, connection.protocol
    for service in network.state.all(Service):
        for item in service.spec.ports:
            if item.node_port == port and item.protocol == protocol and service.spec.type != "ExternalName":
                return _node_port(connection, node, end, service, item.port)
    for pod in network.state.pods_on(node.name):
        for container in pod.spec.containers:
            for each in container.ports:
                if each.protocol != protocol or is_ended(pod):
                    continue
                if pod.spec.host_network and each.container_port == port:
                    return listens(pod, port, protocol)
                if each.host_port == port:
                    step = Step(
                        pod.ref, f"spec.containers[{container.name}].ports", f"host port {port} is pod {pod.name}'s"
                    )
                    return connection.to_pod(pod, each.container_port).after((step,))
    told = f"no NodePort, host port or pod on the host's network has {port}/{protocol} on node {node.name}; what else listens there is not known"
    return stopped(Verdict.UNKNOWN, node.ref, "", told)


def _node_port(connection: reach.Connection, node: Node, end: End, service: Service, port: int) -> Answer:
    """kube-proxy of that node passes the connection on, with the node's own address as its source unless externalTrafficPolicy is Local; connections from pods go to all endpoints all the same."""
    network, protocol = connection.network, connection.protocol
    if node.name in network.faults.no_proxy:
        told = f"kube-proxy is down on node {node.name}: NodePorts are closed"
        return stopped(Verdict.REFUSED, Ref("Node", "", node.name), "fault: kube-proxy down", told)
    outer = connection.pod is None or connection.source.party.host_network
    local = outer and service.spec.external_traffic_policy == "Local"
    found = services.chosen(network, service, port, protocol, node.name, local=local)
    if isinstance(found, Answer):
        return found
    step = Step(service.ref, "spec.ports[*].nodePort", f"a NodePort of Service {service.namespace}/{service.name}")
    onward = connection if local else reach.Connection(network, end, None, protocol)
    return together([onward.to_place(place, place.port) for place in found], "endpoints").after((step,))
