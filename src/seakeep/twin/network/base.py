"""The state as the network sees it: who has which address, which labels a namespace has, what was not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from seakeep.facts.policies.policy_match import NAME_LABEL, Party
from seakeep.facts.selection import matches
from seakeep.facts.workloads.podstate import containers, is_ended, is_sidecar
from seakeep.model.objects import LabelSelector, Namespace, Node, Pod, Service
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot
from seakeep.twin.network.faults import Faults
from seakeep.twin.state import State


@dataclass(frozen=True, slots=True)
class Sight:
    """What the source did not show: `shallow` objects, whose empty fields say nothing; with `partial`, kinds that were not listed. By default everything was seen."""

    shallow: frozenset[Ref] = frozenset()
    listed: frozenset[tuple[str, str]] = frozenset()
    partial: bool = False

    @classmethod
    def of(cls, snapshot: Snapshot) -> Sight:
        shallow = frozenset(ref for ref, depth in snapshot.shallow.items() if depth < Depth.DESCRIBED)
        return cls(shallow, snapshot.complete, not snapshot.intent_only)

    def lists(self, kind: str, namespace: str) -> bool:
        return not self.partial or (kind, "*") in self.listed or (kind, namespace) in self.listed


@dataclass(frozen=True, slots=True)
class End:
    """One end of a connection. `ref` is the pod or node, None outside the cluster; `node` where it is; `host` the name that it was called by, if it lies outside."""

    ref: Ref | None
    party: Party
    node: str = ""
    host: str = ""
    pod: Pod | None = None

    @property
    def name(self) -> str:
        if self.ref is None:
            return self.host or self.party.address
        return f"{self.ref.kind.lower()} {self.ref.namespace}/{self.ref.name}".replace(" /", " ")


@dataclass(frozen=True)
class Network:
    """Looks the state up by address; so it is to be made anew when the state has changed."""

    state: State
    faults: Faults = field(default_factory=Faults)
    sight: Sight = field(default_factory=Sight)
    zone: str = "cluster.local"
    cache: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def services_at(self) -> Mapping[str, tuple[Service, str]]:
        """Services by address, with the field that says so."""
        found: dict[str, tuple[Service, str]] = {}
        for item in self.state.all(Service):
            if item.spec.type == "ExternalName":
                continue
            if item.spec.cluster_ip not in {"", "None"}:
                found.setdefault(item.spec.cluster_ip, (item, "spec.clusterIP"))
            for address in item.spec.external_ips:
                found.setdefault(address, (item, "spec.externalIPs"))
            for entry in item.status.load_balancer.ingress:
                for address in filter(None, (entry.ip, entry.hostname)):
                    found.setdefault(address, (item, "status.loadBalancer.ingress"))
        return found

    @cached_property
    def pods_at(self) -> Mapping[str, Pod]:
        """Running pods by address, without those on the host's network."""
        return {
            pod.status.pod_ip: pod
            for pod in self.state.all(Pod)
            if pod.status.pod_ip and not pod.spec.host_network and not is_ended(pod)
        }

    @cached_property
    def nodes_at(self) -> Mapping[str, Node]:
        """By each of their addresses and host names."""
        return {
            entry.address: node for node in self.state.all(Node) for entry in node.status.addresses if entry.address
        }

    def pod_end(self, pod: Pod, protocol: str) -> End:
        """Named ports are those of the connection's protocol; of two containers' ports of one name the first counts, as for a Service."""
        ports: dict[str, int] = {}
        for container in (*pod.spec.containers, *(item for item in pod.spec.init_containers if is_sidecar(item))):
            for port in container.ports:
                if port.name and port.protocol == protocol:
                    ports.setdefault(port.name, port.container_port)
        known = bool(pod.labels) or pod.ref not in self.sight.shallow
        seen = ports if any(containers(pod.spec)) or pod.ref not in self.sight.shallow else None
        address = pod.status.pod_ip or (pod.status.host_ip if pod.spec.host_network else "")
        if not address and pod.spec.host_network:
            address = self.node_address(pod.spec.node_name)
        party = Party(pod.namespace, pod.labels, address, seen, pod.spec.host_network, known)
        return End(pod.ref, party, pod.spec.node_name, pod=pod)

    def node_address(self, name: str) -> str:
        node = self.state.get(Node, "", name)
        entries = node.status.addresses if node else ()
        return next((entry.address for entry in entries if entry.type == "InternalIP"), "")

    def node_end(self, name: str, address: str = "") -> End:
        party = Party("", {}, address or self.node_address(name), host_network=True)
        return End(Ref("Node", "", name), party, name)

    def namespace_fits(self, selector: LabelSelector, name: str, *, unseen: bool) -> bool:
        """The API server labels each namespace with its name. Of a namespace that was not seen no other label is known."""
        item = self.state.get(Namespace, "", name)
        labels = {NAME_LABEL: name, **(item.labels if item else {})}
        asked = set(selector.match_labels) | {part.key for part in selector.match_expressions}
        known = item is not None and (bool(item.labels) or item.ref not in self.sight.shallow)
        if known or asked <= {NAME_LABEL}:
            return matches(selector, labels)
        return unseen
