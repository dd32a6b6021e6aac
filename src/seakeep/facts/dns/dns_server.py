"""Whether the cluster's DNS answers, and what keeps it from it: its Corefile, its Deployment, its Service."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from seakeep.facts.dns.dns_barred import policy_faults
from seakeep.facts.dns.dns_corefile import of_denial, of_log, of_text
from seakeep.facts.dns.dns_lookups import DnsFault, How, Lookup, lookups, resolvers, server_fault
from seakeep.facts.dns.dns_resolvers import like_services, resolver_faults
from seakeep.facts.dns.dns_service import PORT, SYSTEM, ailing, corefile, dns_service, dns_template, dns_workload, is_up
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.once import once
from seakeep.facts.shell_words import quote, typed
from seakeep.facts.workloads.podstate import status_column, waiting_reasons
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Evidence
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# States of a pod whose reason is not DNS' own; another cause tells it better.
_OTHER_REASONS = re.compile(r"Image|Config|Evicted|OOM|Pending|ContainerCreating|Terminating|Unknown|Init|Preempt")


@once
def server_faults(index: Index) -> tuple[DnsFault, ...]:
    """The Corefile's before the Deployment's: a server that crashes over its configuration is well otherwise."""
    if index.snapshot.intent_only:
        return tuple(of_text(index, ()))
    explained = {item for fault in (*resolver_faults(index), *policy_faults(index)) for item in fault.lookups}
    own = dns_workload(index)
    failed = tuple(item for item in lookups(index) if item not in explained and item.call.workload != own)
    found = [*of_log(index, failed), *of_text(index, failed)][:1]
    if not found:
        found = [*_of_service(index, failed), *_of_workload(index, failed)][:1]
    return tuple(_with_servers(index, item) for item in found or _unseen(index, failed))


def _of_service(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """Pods ask an address, or a port, that the Service does not have."""
    service = dns_service(index)
    if service is None:
        yield from _no_service(index, failed)
        return
    ports = {(item.port, item.protocol) for item in service.spec.ports}
    if ports and (PORT, "UDP") not in ports and index.snapshot.depth(service.ref) >= Depth.TABLE:
        shown = ", ".join(f"{port}/{protocol}" for port, protocol in sorted(ports))
        text = f"Service {service.name} has no UDP port {PORT} ({shown}), which every resolver asks"
        evidence = (state_evidence(service, "spec.ports", shown),)
        yield server_fault(
            service.ref, text, f"Give Service {service.name} UDP port {PORT}.", CERTAIN, evidence, failed
        )
    asked = sorted({item.server for item in failed if item.server and item.how is How.SILENT})
    own = service.spec.cluster_ip
    if own and asked and own not in asked and like_services(asked[0], own) and not _is_known(index, asked[0]):
        text = f"pods ask {asked[0]} for names, while Service {service.name} is at {own}"
        evidence = (state_evidence(service, "spec.clusterIP", own),)
        repair = f"Recreate Service {service.name} with clusterIP {asked[0]}, or set clusterDNS of the kubelets to {own} and restart the pods."
        yield server_fault(service.ref, text, repair, FAIR, evidence, failed)


def _is_known(index: Index, address: str) -> bool:
    """Another server of the platform, or a cache on the node."""
    return address.startswith("169.254.") or index.pod_at(address) is not None


def _no_service(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    ref = Ref("Service", SYSTEM, "kube-dns")
    silent = tuple(item for item in failed if item.how is How.SILENT)
    seen = dns_template(index) is not None and index.snapshot.is_absent(ref)
    if seen and silent:
        text = "Service kube-dns does not exist, so that no pod reaches the DNS server"
        repair = f"Create Service kube-dns in {SYSTEM} with the clusterIP that the kubelets' clusterDNS names."
        yield server_fault(ref, text, repair, CERTAIN, (), silent)


def _of_workload(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    template, ref = dns_template(index), dns_workload(index)
    if template is None:
        inside = tuple(item for item in failed if item.inside or item.how is How.SILENT)
        if inside and index.snapshot.is_absent(ref) and any(index.pods_in(SYSTEM)):
            evidence = (Evidence(ref, "metadata.name", "not found"),)
            yield server_fault(ref, "CoreDNS does not exist", "Install CoreDNS again.", FAIR, evidence, inside)
        return
    silent = tuple(item for item in failed if item.how is How.SILENT)
    if is_up(index) is not False and not (ailing(index) and silent):
        return
    name = f"{ref.kind} {ref.name}"
    if template.wanted == 0:
        evidence = (state_evidence(template.item, "spec.replicas", 0),)
        level = CERTAIN if failed else FAIR
        yield server_fault(
            ref, f"{name} is scaled to 0: no name resolves", f"Scale {name} up to 2.", level, evidence, failed
        )
        return
    ill = ailing(index) or template.pods
    states = sorted({status_column(pod) for pod in ill}) or ["no pods"]
    told = tuple(Evidence(pod.ref, "status", status_column(pod)) for pod in ill[:3])
    elsewhere = any(_OTHER_REASONS.search(state) for state in states) or any(
        _OTHER_REASONS.search(reason) for pod in ill for reason in waiting_reasons(pod).values()
    )
    level = WEAK if elsewhere or not failed else FAIR
    seen = told or (state_evidence(template.item, "status.readyReplicas", 0),)
    lookup = f"kubectl logs -n {quote(ref.namespace)} {quote(ref.kind.lower())}/{quote(ref.name)} --previous"
    part = "no pod" if is_up(index) is False else "not every pod"
    text = f"{part} of {name} is ready ({', '.join(states)}): names do not resolve"
    yield server_fault(ref, text, f"Bring the pods of {name} back.", level, seen, failed, lookup)


def _unseen(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """DNS itself was not looked at, and names that exist do not resolve, or several get no answer."""
    inside = tuple(item for item in failed if item.inside)
    denied = tuple(item for item in inside if item.how is How.DENIED)
    if denied and is_up(index) is not False and corefile(index) is None:
        of_server = tuple(of_denial(index, denied))
        yield from of_server or _alone(index, failed)
        return
    yield from _alone(index, failed)
    if is_up(index) is not None:
        return
    silent = tuple(item for item in failed if item.how is How.SILENT)
    names = {item.call.host for item in (*inside, *silent)} - {""}
    if not any(item.how is How.SILENT for item in inside) and len(names) < 2:
        return
    ref = dns_workload(index)
    lookup = f"kubectl get deployment,pods,endpoints,configmap/coredns -n {SYSTEM} -l k8s-app=kube-dns"
    told = f"of {', '.join(sorted(names)[:3])} " if names else ""
    text = f"look-ups {told}fail, and the cluster's DNS was not seen"
    repair = "Look at the pods, the log and the Corefile of CoreDNS."
    yield server_fault(ref, text, repair, WEAK, (), tuple(dict.fromkeys((*inside, *silent))), lookup)


def _alone(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """One workload gets no answer, or is told that what exists does not, the DNS servers are up, and how its pods resolve names was not seen (no description shows dnsPolicy)."""
    if is_up(index) is not True or ailing(index):
        return
    hurt = tuple(item for item in failed if item.inside and item.how is not How.VAGUE)
    workloads = {item.call.workload for item in hurt}
    if len(workloads) != 1 or any(item.call.workload not in workloads for item in failed):
        return
    ref = workloads.pop()
    template = template_of(index, ref)
    if template is None or template.full or ref in resolvers(index):
        return
    what = (
        "gets no answer to look-ups" if any(item.how is How.SILENT for item in hurt) else "finds no Service by its name"
    )
    text = f"{ref.kind} {ref.name} alone {what}, while CoreDNS is up: its dnsPolicy or dnsConfig may ask another server"
    repair = (
        f"Correct dnsPolicy or dnsConfig of {ref.kind} {ref.name}, if they name another server than the cluster's DNS."
    )
    lookup = f"kubectl get {typed(ref)} -o yaml"
    yield server_fault(ref, text, repair, WEAK, (), hurt, lookup)


def _with_servers(index: Index, fault: DnsFault) -> DnsFault:
    """What befalls CoreDNS' own pods is a consequence too."""
    template = dns_template(index)
    if template is None or (is_up(index) is not False and not ailing(index)):
        return fault
    return replace(fault, sufferers=(template.ref, *(pod.ref for pod in template.pods)))
