"""Where the cluster's DNS lives: its Service, its workload, its Corefile, and whether it is up."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.parties import of_template
from seakeep.facts.policies.policy_rules import Party
from seakeep.facts.routing.routing import backends_of, has_ready_endpoint
from seakeep.facts.symptoms import is_unwell
from seakeep.facts.workloads.podstate import is_ready
from seakeep.facts.workloads.templates import Template, template_of
from seakeep.model.objects import ConfigMap, Pod, Service, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

SYSTEM = "kube-system"
PORT = 53
SERVICES = (
    Ref("Service", SYSTEM, "kube-dns"),
    Ref("Service", SYSTEM, "coredns"),
    Ref("Service", SYSTEM, "rke2-coredns-rke2-coredns"),
    Ref("Service", "openshift-dns", "dns-default"),
)
_WORKLOADS = (
    Ref("Deployment", SYSTEM, "coredns"),
    Ref("Deployment", SYSTEM, "kube-dns"),
    Ref("Deployment", SYSTEM, "rke2-coredns-rke2-coredns"),
    Ref("DaemonSet", SYSTEM, "coredns"),
    Ref("DaemonSet", "openshift-dns", "dns-default"),
)


@once
def dns_service(index: Index) -> Service | None:
    return next((item for ref in SERVICES if (item := index.snapshot.get(Service, ref.namespace, ref.name))), None)


@once
def dns_template(index: Index) -> Template | None:
    named = next((item for ref in _WORKLOADS if (item := template_of(index, ref))), None)
    if named is not None:
        return named
    service = dns_service(index)
    return next(iter(backends_of(index, service)), None) if service and service.spec.selector else None


def dns_workload(index: Index) -> Ref:
    """Where it was not seen, by the name that kubeadm, k3s, EKS, AKS and kind all give it."""
    template = dns_template(index)
    return template.ref if template else _WORKLOADS[0]


@once
def corefile(index: Index) -> ConfigMap | None:
    """The ConfigMap that the workload mounts and that holds a Corefile, else by its usual name."""
    template = dns_template(index)
    mounted = [item.config_map.name for item in template.spec.volumes if item.config_map] if template else []
    names = [(template.ref.namespace if template else SYSTEM, name) for name in mounted] + [(SYSTEM, "coredns")]
    found = (index.snapshot.get(ConfigMap, namespace, name) for namespace, name in names)
    return next((item for item in found if item and "Corefile" in item.data), None)


@once
def dns_parties(index: Index) -> tuple[tuple[Party, int], ...]:
    """The DNS servers' pods with their port, as policies see them; labels that were not seen may be any."""
    template = dns_template(index)
    if template is None:
        return ((Party(SYSTEM, {}, labels_known=False), PORT),)
    ports = [port for container in template.spec.containers for port in container.ports if port.protocol == "UDP"]
    return ((of_template(template), next((port.container_port for port in ports), PORT)),)


@once
def is_up(index: Index) -> bool | None:
    """Somebody is ready to answer; None where that was not seen."""
    service, template = dns_service(index), dns_template(index)
    if template and template.wanted == 0:
        return False
    pods = [pod for pod in template.pods if index.snapshot.depth(pod.ref) is not Depth.NAMED] if template else []
    if pods:
        return any(is_ready(pod) for pod in pods)
    if template and isinstance(template.item, Workload) and index.snapshot.depth(template.ref) > Depth.NAMED:
        status = template.item.status
        ready = status.number_ready if template.ref.kind == "DaemonSet" else status.ready_replicas
        if ready or status.replicas or status.unavailable_replicas or status.desired_number_scheduled:
            return ready > 0
    listed = service is not None and bool(index.slices_of(service) or index.endpoints_of(service))
    return has_ready_endpoint(index, service) if service and listed else None


@once
def ailing(index: Index) -> tuple[Pod, ...]:
    """Pods of the DNS servers that are not ready, which a rollout leaves beside older ones that are."""
    template = dns_template(index)
    return tuple(pod for pod in template.pods if is_unwell(index, pod)) if template else ()
