"""What a name leads to, as a pod's resolver and the cluster's DNS find it.

The resolver's settings: `pkg/kubelet/network/dns` (getPodDNSType, GetPodDNS); its search: resolv.conf(5) as glibc reads it. Names: the DNS specification of Kubernetes (v1.1.0) as CoreDNS' `kubernetes` plugin answers it.
"""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.facts.dns.dns_service import SERVICES
from seakeep.model.objects import Namespace, Pod, Service
from seakeep.model.refs import Ref
from seakeep.twin.network import services
from seakeep.twin.network.answer import Answer, Step, Verdict, stopped
from seakeep.twin.network.base import Network
from seakeep.twin.network.services import Place

DNS_PORT = 53
# kubelet's default for ClusterFirst, and glibc's.
_CLUSTER_NDOTS, _NDOTS = 5, 1
# Names that no DNS server resolves (RFC 6761, RFC 2606), besides the cluster's own that lack their zone.
_NEVER = (".invalid", ".test", ".localhost", ".svc", ".local")


@dataclass(frozen=True, slots=True)
class Resolver:
    """`cluster`: it asks the cluster's DNS. `server`: the address that is asked, "" for the cluster's own or the node's. `field` of the pod says so."""

    cluster: bool
    server: str
    searches: tuple[str, ...]
    ndots: int
    field: str


@dataclass(frozen=True, slots=True)
class Found:
    """One of: a Service with an address; pods' addresses; a name or address outside. `steps` led there."""

    steps: tuple[Step, ...]
    service: Service | None = None
    places: tuple[Place, ...] = ()
    outside: str = ""


def dns_service(network: Network) -> Service | None:
    return next((item for ref in SERVICES if (item := network.state.get(Service, ref.namespace, ref.name))), None)


def resolver(network: Network, pod: Pod) -> Resolver:
    policy, config = pod.spec.dns_policy or "ClusterFirst", pod.spec.dns_config
    options = {item.name: item.value for item in config.options} if config else {}
    extra = config.searches if config else ()
    zone = network.zone
    if policy == "None":
        servers = config.nameservers if config else ()
        server = servers[0] if servers else ""
        return Resolver(
            _is_cluster_dns(network, server), server, extra, _ndots(options, _NDOTS), "spec.dnsConfig.nameservers"
        )
    if policy == "Default" or (policy == "ClusterFirst" and pod.spec.host_network):
        field = "spec.dnsPolicy" if policy == "Default" else "spec.hostNetwork"
        return Resolver(False, "", extra, _ndots(options, _NDOTS), field)
    own = (f"{pod.namespace}.svc.{zone}", f"svc.{zone}", zone)
    return Resolver(True, "", (*own, *extra), _ndots(options, _CLUSTER_NDOTS), "spec.dnsPolicy")


def _ndots(options: dict[str, str], default: int) -> int:
    value = options.get("ndots", "")
    return int(value) if value.isdigit() and value.isascii() else default


def _is_cluster_dns(network: Network, server: str) -> bool:
    """The Service's address, a pod's behind it, or a cache on the node (link-local)."""
    service = dns_service(network)
    if server.startswith("169.254."):
        return True
    if service is None:
        return False
    pods = services.picked(network, service)
    return server == service.spec.cluster_ip or any(pod.status.pod_ip == server for pod in pods if server)


def candidates(name: str, settings: Resolver) -> tuple[str, ...]:
    """The full names that are asked for, in order."""
    if name.endswith("."):
        return (name[:-1],)
    searched = tuple(f"{name}.{item.strip('.')}" if item.strip(".") else name for item in settings.searches)
    names = (name, *searched) if name.count(".") >= settings.ndots else (*searched, name)
    return tuple(dict.fromkeys(names))


def resolve(network: Network, pod: Pod, name: str) -> Found | Answer:
    """What the pod's resolver answers; whether it reaches its server is `reach`'s question."""
    settings = resolver(network, pod)
    asked = candidates(name.lower(), settings)
    if not settings.cluster:
        return _elsewhere(network, pod, name.lower(), settings, asked)
    doubt: Answer | None = None
    for full in asked:
        found = in_zone(network, full) if is_inside(network, full) else None
        if isinstance(found, Answer) and found.verdict is Verdict.UNKNOWN:
            doubt = doubt or found
        elif found is not None:
            told = f"{name} is {full}" if full != name.lower().rstrip(".") else f"{full} resolves"
            step = Step(pod.ref, settings.field, told)
            return found.after((step,)) if isinstance(found, Answer) else _with(found, step)
    within = _asked_within(network, pod, name)
    if within is not None:
        told = f"Service {within.name} is not headless: no name leads to one of its pods"
        return stopped(Verdict.UNRESOLVED, within.ref, "spec.clusterIP", told)
    outer = [full for full in asked if not is_inside(network, full) and _may_exist(network, full)]
    if outer:
        return Found((Step(None, "", f"{outer[0]} is a name outside the cluster"),), outside=outer[0])
    return doubt or unresolved(network, pod, name, settings, asked)


def _asked_within(network: Network, pod: Pod, name: str) -> Service | None:
    """The Service with an address of its own within which `pod.service` or `pod.service.namespace` looks for a pod."""
    match name.lower().rstrip(".").removesuffix(f".{network.zone}").removesuffix(".svc").split("."):
        case [_, service]:
            found = network.state.get(Service, pod.namespace, service)
        case [_, service, namespace]:
            found = network.state.get(Service, namespace, service)
        case _:
            return None
    return found if found and found.spec.type != "ExternalName" and not services.is_headless(found) else None


def _with(found: Found, step: Step) -> Found:
    return Found((step, *found.steps), found.service, found.places, found.outside)


def _elsewhere(network: Network, pod: Pod, name: str, settings: Resolver, asked: tuple[str, ...]) -> Found | Answer:
    outer = [full for full in asked if not is_inside(network, full) and _may_exist(network, full)]
    if outer and not is_inside(network, name.rstrip(".")):
        return Found((Step(pod.ref, settings.field, f"{outer[0]} is asked outside the cluster"),), outside=outer[0])
    if settings.server:
        why = f"{settings.server}, which is not the cluster's DNS"
    else:
        why = "the node's resolver, which knows no Services"
    return stopped(Verdict.UNRESOLVED, pod.ref, settings.field, f"{name} is asked of {why}")


def unresolved(network: Network, pod: Pod, name: str, settings: Resolver, asked: tuple[str, ...]) -> Answer:
    """Which object a person would have to make or change: the Service that is not there, or the pod's settings."""
    # A Service's own name before a pod's within a headless one: `db.shop` means db in shop.
    split = sorted((parts for full in asked if (parts := _split(network, full)) and len(parts) in {3, 4}), key=len)
    for parts in split:
        ref = Ref("Service", parts[-2], parts[-3])
        if parts[-1] != "svc" or network.state.find(ref) is not None:
            continue
        if network.state.get(Namespace, "", ref.namespace) is not None or ref.namespace == pod.namespace:
            told = f"{name} is no name of this cluster: there is no Service {ref.namespace}/{ref.name}"
            return stopped(Verdict.UNRESOLVED, ref, "metadata.name", told)
    told = f"{name} is no name of this cluster; asked for {', '.join(asked)}"
    return stopped(Verdict.UNRESOLVED, pod.ref, settings.field, told)


def is_inside(network: Network, full: str) -> bool:
    return full == network.zone or full.endswith(f".{network.zone}")


def _split(network: Network, full: str) -> list[str] | None:
    return full.removesuffix(f".{network.zone}").split(".") if is_inside(network, full) else None


def _may_exist(network: Network, full: str) -> bool:
    """A bare word, and a Service's name that lacks its zone, are known to no server outside."""
    first, _, last = full.partition(".")
    if not last or not first or full.endswith(_NEVER):
        return False
    return network.state.get(Namespace, "", last) is None


def in_zone(network: Network, full: str, seen: tuple[Ref, ...] = ()) -> Found | Answer | None:
    """A name of the cluster's own zone. None: no such name."""
    parts = _split(network, full) or []
    match parts:
        case [dashed, namespace, "pod"]:
            return _pod_name(network, dashed, namespace)
        case [name, namespace, "svc"]:
            return _service_name(network, Ref("Service", namespace, name), "", seen)
        case [hostname, name, namespace, "svc"]:
            return _service_name(network, Ref("Service", namespace, name), hostname, seen)
    return None


def _pod_name(network: Network, dashed: str, namespace: str) -> Found | None:
    """CoreDNS with `pods insecure` answers any address in dashes."""
    address = dashed.replace("-", ".")
    if dashed.count("-") != 3 or not dashed.replace("-", "").isdigit():
        return None
    step = Step(Ref("Namespace", "", namespace), "metadata.name", f"it stands for {address}")
    pod = network.pods_at.get(address)
    return Found((step,), places=(Place(address, 0, pod, pod.spec.node_name if pod else "", ready=True),))


def _service_name(network: Network, ref: Ref, hostname: str, seen: tuple[Ref, ...]) -> Found | Answer | None:
    service = network.state.get(Service, ref.namespace, ref.name)
    if service is None:
        if network.sight.lists("Service", ref.namespace):
            return None
        told = f"whether there is a Service {ref.namespace}/{ref.name} was not seen"
        return stopped(Verdict.UNKNOWN, ref, "metadata.name", told)
    if service.spec.type == "ExternalName":
        return None if hostname else _alias(network, service, seen)
    if services.is_headless(service):
        found = services.headless(network, service, hostname)
        if isinstance(found, Answer):
            return found
        step = Step(ref, "spec.clusterIP", f"Service {ref.name} is headless: {len(found)} addresses of pods")
        return Found((step,), places=found)
    if hostname:
        return None  # CoreDNS gives pods names only within headless Services
    address = service.spec.cluster_ip or "an address that is not known yet"
    return Found((Step(ref, "spec.clusterIP", f"Service {ref.name} has {address}"),), service=service)


def _alias(network: Network, service: Service, seen: tuple[Ref, ...]) -> Found | Answer:
    """ExternalName is a CNAME: a full name, whatever the pod's search list holds."""
    name = service.spec.external_name.lower().rstrip(".")
    step = Step(service.ref, "spec.externalName", f"Service {service.name} is another name for {name or '(nothing)'}")
    if service.ref in seen:
        chain = " → ".join(f"{item.namespace}/{item.name}" for item in (*seen, service.ref))
        return stopped(
            Verdict.UNRESOLVED, service.ref, "spec.externalName", f"the names go round in a circle: {chain}", seen
        )
    if not name or name.replace(".", "").isdigit() or ":" in name:
        told = f"externalName {name or '(empty)'} is no name that DNS can answer with"
        return stopped(Verdict.UNRESOLVED, service.ref, "spec.externalName", told)
    if is_inside(network, name):
        found = in_zone(network, name, (*seen, service.ref))
        if found is None:
            told = f"{name} is no name of this cluster"
            return stopped(Verdict.UNRESOLVED, service.ref, "spec.externalName", told)
        return found.after((step,)) if isinstance(found, Answer) else _with(found, step)
    if not _may_exist(network, name):
        told = f"{name} is no full name: CNAMEs are not searched for in .svc.{network.zone}"
        return stopped(Verdict.UNRESOLVED, service.ref, "spec.externalName", told)
    return Found((step, Step(None, "", f"{name} is a name outside the cluster")), outside=name)
