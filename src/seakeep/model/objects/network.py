"""Services, endpoints, routes and policies (core/v1, discovery.k8s.io/v1, networking.k8s.io/v1)."""

from __future__ import annotations

from msgspec import field

from seakeep.model.objects.base import IntOrString, KubeObject, LabelSelector, Wire


class ServicePort(Wire, frozen=True, kw_only=True):
    """`target_port` None means the same as `port` (or, in a snapshot of a table, that it was not shown)."""

    name: str = ""
    protocol: str = "TCP"
    port: int = 0
    target_port: IntOrString | None = None
    node_port: int = 0
    app_protocol: str = ""


class ServiceSpec(Wire, frozen=True, kw_only=True):
    type: str = "ClusterIP"
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    cluster_ip: str = field(default="", name="clusterIP")
    external_name: str = ""
    external_ips: tuple[str, ...] = field(default=(), name="externalIPs")
    publish_not_ready_addresses: bool = False
    allocate_load_balancer_node_ports: bool | None = None
    load_balancer_source_ranges: tuple[str, ...] = ()
    external_traffic_policy: str = ""
    internal_traffic_policy: str = ""
    session_affinity: str = ""


class LoadBalancerIngress(Wire, frozen=True, kw_only=True):
    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(Wire, frozen=True, kw_only=True):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(Wire, frozen=True, kw_only=True):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Service(KubeObject, frozen=True, kw_only=True):
    kind: str = "Service"
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


class TargetRef(Wire, frozen=True, kw_only=True):
    kind: str = ""
    name: str = ""
    namespace: str = ""


class EndpointAddress(Wire, frozen=True, kw_only=True):
    ip: str = ""
    hostname: str = ""
    node_name: str = ""
    target_ref: TargetRef | None = None


class EndpointPort(Wire, frozen=True, kw_only=True):
    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class EndpointSubset(Wire, frozen=True, kw_only=True):
    addresses: tuple[EndpointAddress, ...] = ()
    not_ready_addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class Endpoints(KubeObject, frozen=True, kw_only=True):
    kind: str = "Endpoints"
    subsets: tuple[EndpointSubset, ...] = ()


class EndpointConditions(Wire, frozen=True, kw_only=True):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Wire, frozen=True, kw_only=True):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    target_ref: TargetRef | None = None
    hostname: str = ""
    node_name: str = ""
    zone: str = ""


class EndpointSlice(KubeObject, frozen=True, kw_only=True):
    """Belongs to the Service named in the label `kubernetes.io/service-name`."""

    kind: str = "EndpointSlice"
    address_type: str = "IPv4"
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class IpBlock(Wire, frozen=True, kw_only=True):
    cidr: str = ""
    # `except` is a Python keyword
    excluded: tuple[str, ...] = field(default=(), name="except")


class PolicyPeer(Wire, frozen=True, kw_only=True):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IpBlock | None = None


class PolicyPort(Wire, frozen=True, kw_only=True):
    protocol: str = "TCP"
    port: IntOrString | None = None
    end_port: int | None = None


class IngressRule(Wire, frozen=True, kw_only=True):
    """No `from` (or no `ports`) admits every peer (or port)."""

    peers: tuple[PolicyPeer, ...] = field(default=(), name="from")
    ports: tuple[PolicyPort, ...] = ()


class EgressRule(Wire, frozen=True, kw_only=True):
    peers: tuple[PolicyPeer, ...] = field(default=(), name="to")
    ports: tuple[PolicyPort, ...] = ()


class NetworkPolicySpec(Wire, frozen=True, kw_only=True):
    """`policy_types` empty: Ingress always, Egress only if there are egress rules."""

    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressRule, ...] = ()
    egress: tuple[EgressRule, ...] = ()


class NetworkPolicy(KubeObject, frozen=True, kw_only=True):
    kind: str = "NetworkPolicy"
    spec: NetworkPolicySpec = NetworkPolicySpec()


class IngressServicePort(Wire, frozen=True, kw_only=True):
    name: str = ""
    number: int = 0


class IngressServiceBackend(Wire, frozen=True, kw_only=True):
    name: str = ""
    port: IngressServicePort = IngressServicePort()


class IngressBackend(Wire, frozen=True, kw_only=True):
    service: IngressServiceBackend | None = None


class IngressPath(Wire, frozen=True, kw_only=True):
    path: str = ""
    path_type: str = ""
    backend: IngressBackend = IngressBackend()


class IngressHttp(Wire, frozen=True, kw_only=True):
    paths: tuple[IngressPath, ...] = ()


class IngressHostRule(Wire, frozen=True, kw_only=True):
    host: str = ""
    http: IngressHttp | None = None


class IngressTls(Wire, frozen=True, kw_only=True):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(Wire, frozen=True, kw_only=True):
    ingress_class_name: str = ""
    default_backend: IngressBackend | None = None
    rules: tuple[IngressHostRule, ...] = ()
    tls: tuple[IngressTls, ...] = ()


class Ingress(KubeObject, frozen=True, kw_only=True):
    kind: str = "Ingress"
    spec: IngressSpec = IngressSpec()
