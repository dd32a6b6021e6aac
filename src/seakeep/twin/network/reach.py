"""Can A reach B on this port, and if not, which object says so?

The way of a connection: the name (dns), the Service and its endpoints (services), the nodes between (faults), egress and ingress (policies), the container that listens.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from seakeep.facts.policies.policy_match import Party
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Node, Pod, Service
from seakeep.model.refs import Ref
from seakeep.twin.network import dns, services
from seakeep.twin.network.answer import Answer, Step, Verdict, stopped, together
from seakeep.twin.network.base import End, Network
from seakeep.twin.network.listening import listens
from seakeep.twin.network.policies import DIRECTIONS, Traffic, judge
from seakeep.twin.network.services import Place
from seakeep.twin.network.sources import is_made_up, node_of, pods_of

_LOCAL = frozenset({"localhost", "ip6-localhost", "::1"})


def reach(network: Network, source: Ref, host: str, port: int, protocol: str = "TCP") -> Answer:
    """From a pod, every pod of a workload, or a node. `host` is a name as the source would use it, an address, or `Pod/ns/name`, `Service/ns/name` for the object itself, without DNS. Raises SourceUnknownError."""
    if source.kind == "Node":
        start = network.node_end(node_of(network.state, source).name)
        return Connection(network, start, None, protocol).to_host(host, port)
    answers = [
        Connection(network, network.pod_end(pod, protocol), pod, protocol).to_host(host, port)
        for pod in pods_of(network.state, source)
    ]
    return together(answers, "pods")


class Connection:
    """One source, and what its connections meet."""

    def __init__(self, network: Network, source: End, pod: Pod | None, protocol: str) -> None:
        self.network, self.source, self.pod, self.protocol = network, source, pod, protocol

    def to_host(self, host: str, port: int) -> Answer:
        assumed = self._assumed()
        target = _ref(host)
        if target is not None:
            return self._to_ref(target, port).after((), assumed)
        name = host.lower().rstrip(".")
        if self.pod is not None and (name in {*_LOCAL, self.pod.spec.hostname, self.pod.name} or _is_loopback(name)):
            return listens(self.pod, port, self.protocol).after((), assumed)
        address = self._alias(name) or (name if _is_address(name) else "")
        if address:
            return self.to_address(address, port).after((), assumed)
        return self._to_name(host, port).after((), assumed)

    def _assumed(self) -> tuple[str, ...]:
        pod = self.pod
        if pod is None:
            return ()
        if is_made_up(self.network.state, pod):
            return ("there is no such pod yet: judged by the template",)
        if pod.status.phase not in {"Running", ""}:
            return (f"{self.source.name} is {pod.status.phase}: judged as if it ran",)
        return ()

    def _alias(self, name: str) -> str:
        """`spec.hostAliases`, which the kubelet writes into /etc/hosts, come before DNS."""
        aliases = self.pod.spec.host_aliases if self.pod else ()
        return next((item.ip for item in aliases if name in {each.lower() for each in item.hostnames}), "")

    def _to_ref(self, ref: Ref, port: int) -> Answer:
        state = self.network.state
        if ref.kind == "Pod" and (pod := state.get(Pod, ref.namespace, ref.name)):
            return self.to_pod(pod, port)
        if ref.kind == "Service" and (service := state.get(Service, ref.namespace, ref.name)):
            if service.spec.type == "ExternalName" or services.is_headless(service):
                return self._to_name(f"{ref.name}.{ref.namespace}.svc.{self.network.zone}.", port)
            return self.to_service(service, port)
        if ref.kind == "Node" and (node := state.get(Node, "", ref.name)):
            return self.to_node(node, port)
        return stopped(Verdict.UNRESOLVED, ref, "metadata.name", f"there is no {ref}")

    def _to_name(self, host: str, port: int) -> Answer:
        network = self.network
        if self.pod is None:
            told = f"{host} is asked of the node's resolver, which knows no Services"
            return stopped(Verdict.UNKNOWN, self.source.ref, "", told)
        barred, assumed = self._dns()
        if barred is not None:
            return barred
        found = dns.resolve(network, self.pod, host)
        if isinstance(found, Answer):
            return found.after((), assumed)
        if found.service is not None:
            answer = self.to_service(found.service, port)
        elif found.places:
            answer = together([self.to_place(place, port) for place in found.places], "addresses")
        else:
            answer = self.to_address(found.outside, port)
        return answer.after(found.steps, assumed)

    def _dns(self) -> tuple[Answer | None, tuple[str, ...]]:
        """What bars the way to the name server, and what was taken for granted about it."""
        if self.pod is None:
            return None, ()
        key = ("dns", self.pod.ref)
        if key not in self.network.cache:
            self.network.cache[key] = self._to_dns(self.pod)
        return self.network.cache[key]  # type: ignore[return-value]

    def _to_dns(self, pod: Pod) -> tuple[Answer | None, tuple[str, ...]]:
        network, settings = self.network, dns.resolver(self.network, pod)
        service = dns.dns_service(network)
        asking = Connection(network, network.pod_end(pod, "UDP"), pod, "UDP")
        if settings.server and not settings.server.startswith("169.254."):
            answer = asking.to_address(settings.server, dns.DNS_PORT)
        elif settings.server:
            return None, (f"a cache of DNS answers at {settings.server}, on the node",)
        elif not settings.cluster:
            answer = asking.to_outside("", dns.DNS_PORT)
        elif service is None:
            return None, ("the cluster's DNS, which was not seen, answers",)
        else:
            answer = asking.to_service(service, dns.DNS_PORT)
        if answer.verdict is Verdict.REACHABLE:
            return None, answer.assumed
        if answer.verdict is Verdict.UNKNOWN:
            return None, ("the name server answers, which was not seen",)
        if answer.verdict is Verdict.PARTLY:
            return None, ("the resolver asks again, as not every server of the cluster's DNS is reached",)
        told = f"the name server is not reached on {dns.DNS_PORT}/UDP: {answer.verdict}"
        before = (Step(pod.ref, settings.field, told),)
        return Answer(Verdict.UNRESOLVED, answer.decides, (*before, *answer.path), answer.others, answer.assumed), ()

    def to_address(self, address: str, port: int) -> Answer:
        network = self.network
        if address in network.services_at:
            service, field = network.services_at[address]
            step = Step(service.ref, field, f"{address} is Service {service.namespace}/{service.name}")
            return self.to_service(service, port, inside=field == "spec.clusterIP").after((step,))
        if address in network.pods_at:
            pod = network.pods_at[address]
            return self.to_pod(pod, port).after((Step(pod.ref, "status.podIP", f"{address} is pod {pod.name}"),))
        if address in network.nodes_at:
            node = network.nodes_at[address]
            step = Step(node.ref, "status.addresses", f"{address} is node {node.name}")
            return self.to_node(node, port, address).after((step,))
        return self.to_outside(address, port)

    def to_service(self, service: Service, port: int, *, inside: bool = True) -> Answer:
        """By kube-proxy of the source's node. From pods, external addresses are taken a short way to all endpoints, whatever externalTrafficPolicy says."""
        if self.source.node in self.network.faults.no_proxy:
            told = f"kube-proxy is down on node {self.source.node}: addresses of Services lead nowhere"
            return stopped(Verdict.DROPPED, Ref("Node", "", self.source.node), "fault: kube-proxy down", told)
        found = services.chosen(
            self.network, service, port, self.protocol, self.source.node, local=None if inside else False
        )
        if isinstance(found, Answer):
            return found
        chosen = services.port_of(service, port, self.protocol)
        position = chosen[0] if chosen else 0
        step = Step(service.ref, f"spec.ports[{position}]", f"port {port}/{self.protocol}: {_endpoints(found)}")
        return together([self.to_place(place, place.port) for place in found], "endpoints").after((step,))

    def to_place(self, place: Place, port: int) -> Answer:
        if place.pod is not None:
            return self.to_pod(place.pod, port)
        address, network = place.address, self.network
        node = network.nodes_at.get(address)
        end = network.node_end(node.name, address) if node else End(None, Party("", {}, address), place.node)
        barred = self._barred(end, port)
        if barred is not None and barred.verdict is not Verdict.REACHABLE:
            return barred
        step = Step(end.ref, "", f"{address}:{port}, as the Service's endpoints say")
        return Answer(
            Verdict.REACHABLE, step, (*(barred.path if barred else ()), step), (), (f"{address}:{port} answers",)
        )

    def to_pod(self, pod: Pod, port: int) -> Answer:
        if is_ended(pod):
            return stopped(Verdict.DROPPED, pod.ref, "status.phase", f"pod {pod.name} has ended: {pod.status.phase}")
        if pod.status.phase == "Pending" and not pod.status.pod_ip:
            return stopped(Verdict.DROPPED, pod.ref, "status.phase", f"pod {pod.name} is Pending and has no address")
        end = self.network.pod_end(pod, self.protocol)
        way = self._barred(end, port)
        if way.verdict is not Verdict.REACHABLE:
            return way
        return listens(pod, port, self.protocol).after(way.path, way.assumed)

    def to_node(self, node: Node, port: int, address: str = "") -> Answer:
        """A node's address: a NodePort, a pod on the host's network or with a host port; or something that is not in the state."""
        from seakeep.twin.network.node_ports import behind  # it asks back

        end = self.network.node_end(node.name, address)
        way = self._barred(end, port)
        if way.verdict is not Verdict.REACHABLE:
            return way
        return behind(self, node, end, port).after(way.path, way.assumed)

    def to_outside(self, host: str, port: int) -> Answer:
        address = host if _is_address(host) else ""
        end = End(None, Party("", {}, address), host=host)
        way = self._barred(end, port)
        if way.verdict is not Verdict.REACHABLE:
            return way
        told = f"{host or 'the node’s name server'} lies outside the cluster: nothing in it bars the way, and what is there is not known"
        return stopped(Verdict.UNKNOWN, None, "", told).after(way.path)

    def _barred(self, end: End, port: int) -> Answer:
        """Faults, then egress, then ingress; REACHABLE where none of them bars the way."""
        source = self.source
        fault = self.network.faults.between(
            source.node,
            end.node,
            pod_start=not source.party.host_network,
            pod_end=end.pod is not None and not end.party.host_network,
        )
        if fault is not None and not (source.ref == end.ref and source.node not in self.network.faults.lost):
            return fault
        steps: list[Step] = []
        traffic = Traffic(source, end, port, self.protocol)
        for direction in DIRECTIONS:
            ruling = judge(self.network, traffic, direction)
            if ruling.step is not None:
                steps.append(ruling.step)
            if ruling.allowed is not True:
                verdict = Verdict.DROPPED if ruling.allowed is False else Verdict.UNKNOWN
                return Answer(verdict, ruling.step, tuple(steps), ruling.others)
        return Answer(Verdict.REACHABLE, steps[-1] if steps else None, tuple(steps), (), self._unlisted(end))

    def _unlisted(self, end: End) -> tuple[str, ...]:
        """Namespaces whose NetworkPolicies were not listed are taken to have none but those seen."""
        spaces = sorted({item.party.namespace for item in (self.source, end) if item.pod is not None})
        return tuple(
            f"namespace {name} has no NetworkPolicies but those seen"
            for name in spaces
            if not self.network.sight.lists("NetworkPolicy", name)
        )


def _endpoints(found: Sequence[Place]) -> str:
    first = found[0]
    where = first.pod.name if first.pod else first.address
    return f"{where}:{first.port}" + (f" and {len(found) - 1} more" if len(found) > 1 else "")


def _ref(host: str) -> Ref | None:
    parts = host.split("/")
    if len(parts) == 3 and parts[0] in {"Pod", "Service"}:
        return Ref(parts[0], parts[1], parts[2])
    return Ref("Node", "", parts[1]) if len(parts) == 2 and parts[0] == "Node" else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback
